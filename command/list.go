package command

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/zoo"
)

var listKinds = []string{"models", "datasets", "featurizers", "protocols", "metrics", "suites"}

func (a *app) list() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list models|datasets|featurizers|protocols|metrics|suites [NAME]",
		Short: "What there is: models, data sets, featurizers, protocols, metrics, suites",
		Long:  "List prints a catalog. With the name of a model, data set or metric it prints what can be set, with that of a suite its YAML.",
		Example: `  assay list models
  assay list models wgan
  assay list suites smoke > mine.yaml
  assay list metrics --format json`,
		Args:      takes(1, 2, "one of "+strings.Join(listKinds, ", ")+" and perhaps a name"),
		ValidArgs: listKinds,
	}
	a.tableFlags(c, &format)
	c.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 2 {
			return a.listOne(args[0], args[1], format)
		}
		t, v, err := a.catalog(args[0])
		if err != nil {
			return usage(err)
		}
		return a.show(format, t, v)
	}
	return c
}

func (a *app) catalog(kind string) (reports.Table, any, error) {
	var rows [][]string
	switch kind {
	case "models":
		var all []zoo.Info
		for _, m := range a.kit.Models {
			i := m.Info()
			all = append(all, i)
			rows = append(rows, []string{i.ID, string(i.Family), kinds(i.Kinds), capabilities(i), i.Title, i.Paper})
		}
		return table("models", "Models", []string{"model", "family", "learns", "can", "title", "source"}, rows, "source", "can", "family"), all, nil
	case "datasets":
		var all []datasets.Info
		for _, d := range a.kit.Datasets {
			i := d.Info()
			all = append(all, i)
			rows = append(rows, []string{i.ID, string(i.Kind), shape(i.Shape), needs(i.Files), i.Title, i.Paper})
		}
		return table("datasets", "Data sets", []string{"data set", "kind", "shape", "files", "title", "source"}, rows, "source", "shape"), all, nil
	case "featurizers":
		type one struct {
			Name  string `json:"name"`
			Usage string `json:"usage"`
			Title string `json:"title"`
			Needs string `json:"needs,omitempty"`
			Paper string `json:"paper,omitempty"`
		}
		var all []one
		for _, f := range a.kit.Featurizers {
			all = append(all, one{f.Name, f.Usage, f.Title, f.Needs, f.Paper})
			rows = append(rows, []string{f.Usage, f.Title, f.Needs, f.Paper})
		}
		return table("featurizers", "Featurizers", []string{"featurizer", "title", "needs", "source"}, rows, "source"), all, nil
	case "protocols":
		t, all := protocolTable()
		return t, all, nil
	case "metrics":
		var all []metricLine
		for _, m := range a.kit.Metrics {
			i := m.Info()
			all = append(all, newMetricLine(i))
			rows = append(rows, []string{i.ID, i.Title, string(i.Better), valueRange(i), strings.Join(i.Values, " "), needList(i.Needs), i.Paper})
		}
		return table("metrics", "Metrics", []string{"metric", "title", "better", "range", "values", "needs", "source"}, rows, "source", "range", "values", "needs"), all, nil
	case "suites":
		type one struct {
			Name  string `json:"name"`
			About string `json:"about"`
			Cells int    `json:"cells"`
		}
		var all []one
		for _, name := range runners.Suites() {
			cfg, err := runners.OpenSuite(name)
			if err != nil {
				return reports.Table{}, nil, err
			}
			p, err := runners.NewPlan(a.kit, cfg)
			if err != nil {
				return reports.Table{}, nil, err
			}
			all = append(all, one{name, cfg.About, p.Most})
			rows = append(rows, []string{name, fmt.Sprint(p.Most), cfg.About})
		}
		return table("suites", "Suites", []string{"suite", "cells", "about"}, rows), all, nil
	}
	return reports.Table{}, nil, suggest.Unknown("catalog", kind, listKinds)
}

// protocolLine is a protocol's row of choices as JSON.
type protocolLine struct {
	Name       string `json:"name"`
	Title      string `json:"title"`
	Resampler  string `json:"resampler"`
	Range      string `json:"range"`
	Quantiser  string `json:"quantiser"`
	Layer      string `json:"layer"`
	DDOF       int    `json:"ddof"`
	DropLast   int    `json:"drop_last"` // batch size whose incomplete rest is dropped; 0: all are kept
	ISSplits   int    `json:"is_splits"` // 0: the tool has no fixed number
	ISRule     string `json:"is_rule,omitempty"`
	ISShuffle  string `json:"is_shuffle,omitempty"`
	ISDDOF     int    `json:"is_ddof"`
	Bias       bool   `json:"is_bias"`
	KIDSubsets int    `json:"kid_subsets"` // 0: the tool has no KID
	KIDSize    int    `json:"kid_size"`
	Paper      string `json:"paper,omitempty"`
}

func protocolTable() (reports.Table, []protocolLine) {
	var all []protocolLine
	var rows [][]string
	for _, p := range featurizer.Protocols() {
		all = append(all, protocolLine{p.Name, p.Title, string(p.Resampler), p.Range, string(p.Quantiser), p.Layer, p.DDOF, p.DropLast,
			p.ISSplits, p.ISRule, p.ISShuffle, p.ISDDOF, p.Bias, p.KIDSubsets, p.KIDSize, p.Paper})
		is, kid, drops := "-", "-", "nothing"
		if p.ISRule != "" {
			is = fmt.Sprintf("%d by %s, order: %s, ddof %d", p.ISSplits, p.ISRule, p.ISShuffle, p.ISDDOF)
		}
		if p.KIDSubsets > 0 {
			kid = fmt.Sprintf("%d x %d", p.KIDSubsets, p.KIDSize)
		}
		if p.DropLast > 0 {
			drops = fmt.Sprintf("rest below %d", p.DropLast)
		}
		rows = append(rows, []string{p.Name, string(p.Resampler), p.Range, string(p.Quantiser), fmt.Sprint(p.DDOF), drops, strings.TrimPrefix(is, "0 by "), kid, p.Title})
	}
	return table("protocols", "Protocols", []string{"protocol", "resampler", "range", "quantiser", "ddof", "drops", "is splits", "kid subsets", "as done by"}, rows, "is splits", "kid subsets", "drops", "ddof", "quantiser", "range"), all
}

// metricLine is a metric's claims as JSON, which knows no infinity.
type metricLine struct {
	ID      string           `json:"id"`
	Title   string           `json:"title"`
	Values  []string         `json:"values"`
	Better  string           `json:"better"`
	Ideal   reports.Float    `json:"ideal"`
	Lo      reports.Float    `json:"lo"`
	Hi      reports.Float    `json:"hi"`
	Needs   []metrics.Need   `json:"needs"`
	Domain  metrics.Domain   `json:"domain"`
	Paper   string           `json:"paper,omitempty"`
	Options []metrics.Option `json:"options,omitempty"`
}

func newMetricLine(i metrics.Info) metricLine {
	return metricLine{i.ID, i.Title, i.Values, string(i.Better), reports.Float(i.Ideal), reports.Float(i.Lo), reports.Float(i.Hi), i.Needs, i.Domain, i.Paper, i.Options}
}

// valueRange is the range of a metric's headline value.
func valueRange(i metrics.Info) string {
	end := func(v float64) string {
		if math.IsInf(v, 0) {
			return strings.Replace(strconv.FormatFloat(v, 'g', -1, 64), "Inf", "inf", 1)
		}
		return strconv.FormatFloat(v, 'g', 6, 64)
	}
	return end(i.Lo) + " to " + end(i.Hi)
}

// listOne prints what can be set of one entry.
func (a *app) listOne(kind, name, format string) error {
	var rows [][]string
	var v any
	switch kind {
	case "models":
		m, err := a.kit.Model(name)
		if err != nil {
			return usage(err)
		}
		v = m.Info()
		return a.show(format, settingsTable(m.Info()), v)
	case "datasets":
		d, err := a.kit.Dataset(name)
		if err != nil {
			return usage(err)
		}
		v = d.Info()
		for _, p := range d.Info().Params {
			rows = append(rows, []string{p.Name, fmt.Sprint(p.Default), fmt.Sprintf("%v to %v", p.Lo, p.Hi), p.Doc})
		}
		return a.show(format, table("parameters", "Parameters of "+name, []string{"parameter", "default", "allowed", "meaning"}, rows), v)
	case "metrics":
		m, err := a.kit.Metric(name)
		if err != nil {
			return usage(err)
		}
		for _, o := range m.Info().Options {
			rows = append(rows, []string{m.Info().ID + "." + o.Name, o.Default, o.Doc})
		}
		return a.show(format, table("options", "Options of "+m.Info().ID+", a metric of "+m.Info().Domain.Input, []string{"option", "default", "meaning"}, rows), newMetricLine(m.Info()))
	}
	if kind == "suites" {
		return a.suiteText(name, format)
	}
	if !slices.Contains(listKinds, kind) {
		return usage(suggest.Unknown("catalog", kind, listKinds))
	}
	return usagef("%s have no settings to list", kind)
}

// suiteText prints a suite as it was written, to be read or copied: a suite is its text, so that every form but JSON is that text.
func (a *app) suiteText(name, format string) error {
	c, err := runners.OpenSuite(name)
	if err != nil {
		return usage(err)
	}
	if format == "json" {
		return a.json(struct {
			Name  string `json:"name"`
			About string `json:"about"`
			YAML  string `json:"yaml"`
		}{c.Name, c.About, string(c.Text)})
	}
	_, err = a.out.Write(c.Text)
	return err
}

// settingsTable is a model's settings with the default for each kind of data, and the value of the preset "paper" in brackets where it is another.
func settingsTable(info zoo.Info) reports.Table {
	columns := []string{"setting"}
	for _, k := range info.Kinds {
		columns = append(columns, string(k))
	}
	var rows [][]string
	for _, s := range info.Settings {
		row := []string{s.Name}
		for _, k := range info.Kinds {
			v := s.DefaultFor(k)
			if _, other := s.Paper[k]; other {
				v += " (paper: " + s.PaperFor(k) + ")"
			}
			row = append(row, v)
		}
		rows = append(rows, append(row, allowed(s), s.Doc))
	}
	return table("settings", "Settings of "+info.ID, append(columns, "allowed", "meaning"), rows)
}

func allowed(s zoo.Setting) string {
	if s.Choices != nil {
		return strings.Join(s.Choices, ", ")
	}
	return fmt.Sprintf("%g to %g", s.Lo, s.Hi)
}

func kinds(ks []datasets.Kind) string {
	words := make([]string, len(ks))
	for i, k := range ks {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}

// capabilities are what a model can do beside drawing samples.
func capabilities(i zoo.Info) string {
	var can []string
	if i.Conditional {
		can = append(can, "draw a class")
	}
	switch i.Family {
	case zoo.Translation:
		can = append(can, "translate")
	case zoo.Likelihood:
		can = append(can, "likelihood")
	case zoo.Diffusion:
		can = append(can, "choose the evaluations of a sample")
	case zoo.Adversarial: // draws alone
	case zoo.Control:
		can = append(can, "known faults (control)")
	}
	return strings.Join(can, ", ")
}

func needList(ns []metrics.Need) string {
	words := make([]string, len(ns))
	for i, n := range ns {
		words[i] = string(n)
	}
	return strings.Join(words, ", ")
}

func shape(s []int) string {
	if s == nil {
		return "as the files"
	}
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(s), "[]"), " ", " x ")
}

func needs(files string) string {
	if files == "" {
		return "none"
	}
	return files
}
