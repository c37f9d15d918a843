package runners

import (
	"fmt"
	"slices"

	"github.com/assay-gan/assay/datasets"
)

// lower is the hidden part of images.
func lower(x *datasets.Samples, known []bool) *datasets.Samples {
	first := slices.Index(known, false)
	row := x.Shape[1] * x.Shape[2]
	part := &datasets.Samples{Shape: []int{(len(known) - first) / row, x.Shape[1], x.Shape[2]}}
	for i := range x.Len() {
		part.Data = append(part.Data, x.Row(i)[first:]...)
	}
	return part
}

// twins is the share of samples that are the same as another.
func twins(x *datasets.Samples) float64 {
	alone := map[string]int{}
	for i := range x.Len() {
		alone[fmt.Sprint(x.Row(i))]++
	}
	n := 0
	for _, c := range alone {
		if c > 1 {
			n += c
		}
	}
	return float64(n) / float64(x.Len())
}

// saturation is the mean over pixels of the largest minus the smallest channel, in [0, 1], and the share of pixels where that is above a half: colour without grey in it,
// which a mean of colours is not.
func saturation(x *datasets.Samples) (mean, vivid float64) {
	c := x.Shape[2]
	n := float64(len(x.Data) / c)
	for at := 0; at < len(x.Data); at += c {
		v := float64(slices.Max(x.Data[at:at+c])-slices.Min(x.Data[at:at+c])) / 2
		mean += v / n
		if v > 0.5 {
			vivid += 1 / n
		}
	}
	return mean, vivid
}
