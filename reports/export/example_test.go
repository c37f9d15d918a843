package export_test

import (
	"log"
	"os"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/export"
)

func Example() {
	f, err := export.Lookup("benchtext")
	if err != nil {
		log.Fatal(err)
	}
	r := reports.Record{Cell: "c", Model: "wgan", Dataset: "ring", Seed: 1, Metric: "fd", Value: 0.25, Better: reports.Lower, Status: reports.OK}
	if err := f.Write(os.Stdout, []reports.Record{r}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Unit fd better=lower
	// BenchmarkAssay/dataset=ring/model=wgan 1 0.25 fd
}
