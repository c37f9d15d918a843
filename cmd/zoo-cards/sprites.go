package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// spriteSuite is the file of records that `assay complete --records` made of models trained on the creature sprites.
const spriteSuite = "pokemon"

// spriteValues are the rows of the table, in order, with what they say.
var spriteValues = []struct{ metric, says string }{
	{"bits_per_pixel", "held-out images, bits a pixel"},
	{"bits_per_pixel_unigram", "the same by the colours' shares in the training data"},
	{"bits_hidden", "their lower half given the upper, bits a pixel"},
	{"bits_hidden_copy", "the same by copying the last row given, mixed with the shares as is likeliest"},
	{"right_hidden", "hidden pixels whose colour the likeliest completion meets"},
	{"right_hidden_copy", "hidden pixels whose colour copying meets"},
	{"twins_t0", "samples that are the same as another, temperature 0"},
	{"twins_t1", "samples that are the same as another, temperature 1"},
	{"saturation_hidden_t0", "largest minus smallest channel in [0, 1], completed parts at temperature 0"},
	{"saturation_hidden_t1", "the same at temperature 1"},
	{"saturation_hidden_data", "the same of the true parts"},
	{"vivid_hidden_t0", "pixels where that is above a half, completed parts at temperature 0"},
	{"vivid_hidden_t1", "the same at temperature 1"},
	{"vivid_hidden_data", "the same of the true parts"},
	{"saturation_t0", "largest minus smallest channel of samples at temperature 0"},
	{"saturation_t1", "the same of samples at temperature 1"},
	{"saturation_data", "the same of held-out images"},
}

func (b *book) hasSprites(model string) bool {
	return slices.ContainsFunc(b.suites[spriteSuite], func(r reports.Record) bool { return r.Model == model })
}

// sprites shows what a model of pixels does on the lecture's task; each way of saying a pixel is a column.
func (b *book) sprites(s *strings.Builder, info zoo.Info) {
	var kinds []string
	latest := map[string]reports.Record{}
	var any reports.Record
	for _, r := range b.suites[spriteSuite] {
		if r.Model != info.ID || r.Status == reports.Failed {
			continue
		}
		kind := r.Settings["output"]
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
		latest[kind+" "+r.Metric], any = r, r
	}
	if len(kinds) == 0 {
		return
	}
	fmt.Fprintf(s, "### The lecture's sprites\n\n")
	for _, p := range []struct{ file, alt string }{
		{"pokemon-" + info.ID + "-completed.png", "held-out sprites, their upper half, and completions"},
		{"pokemon-" + info.ID + "-samples.png", "samples at temperature 1"},
	} {
		if _, err := os.Stat(filepath.Join(b.docs, imagesDir, p.file)); err == nil {
			fmt.Fprintf(s, "![%s](%s/%s)\n\n", p.alt, imagesDir, p.file)
		}
	}
	head := append([]string{"20 x 20 sprites, " + fmt.Sprint(any.NReal) + " held out"}, kinds...)
	row(s, head...)
	row(s, slices.Repeat([]string{"---"}, len(head))...)
	for _, v := range spriteValues {
		cells, some := []string{v.says}, false
		for _, k := range kinds {
			text := ""
			if r, ok := latest[k+" "+v.metric]; ok {
				text, some = reports.Number(r.Value), true
			}
			cells = append(cells, text)
		}
		if some {
			row(s, cells...)
		}
	}
	fmt.Fprintf(s, "\n`output = rgb` is the same network regressing on colour values: its bits are of a density and not comparable. ")
	for _, k := range kinds {
		r := latest[k+" bits_per_pixel"]
		fmt.Fprintf(s, "%s: %d steps, %d images seen (seed %d). ", k, r.Step, r.Cost.Samples, r.Seed)
	}
	fmt.Fprintf(s, "%s, kernels %s.\n\n", any.Provenance.CPU, any.Provenance.Kernel)
}
