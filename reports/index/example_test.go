package index_test

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/index"
)

func Example() {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	w, err := reports.OpenWriter(filepath.Join(dir, reports.RecordsFile))
	if err != nil {
		log.Fatal(err)
	}
	for i, status := range []string{reports.OK, reports.OK, reports.Failed} {
		r := reports.Record{Cell: fmt.Sprint("cell", i), Model: "wgan", Dataset: "ring", Seed: uint64(i), Status: status}
		if r.Metric = "fd"; status == reports.Failed {
			r.Metric, r.Error, r.Cause = "", "step 7: the loss is NaN", reports.NotANumber
		}
		if err := w.Append(r); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	x, err := index.Open(context.Background(), dir)
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	for _, g := range x.Groups() {
		fmt.Println(g.Model, "on", g.Dataset, "cells:", g.Cells, "cause:", cmp.Or(g.Cause, "none"))
	}
	// Output:
	// wgan on ring cells: 2 cause: none
	// wgan on ring cells: 1 cause: nan
}
