package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports/stats"
)

const opening = `# How often a verdict is right

The verdict of ` + "`assay modes`" + `, the library's ` + "`metrics.Judge`" + ` and the reports is one word. This page says how often it is a false alarm, measured on generators that are perfect, and how often it names a failure that was planted.

Made by ` + "`make verdicts`" + ` from docs/results/verdicts.jsonl, a line a trial; do not edit.

* A perfect generator draws from the distribution itself; on images it "draws" real ones that neither the held-out nor the training side has. N fakes stand against 2 N held-out real samples. Every second perfect generator, and every
  one that copies, is judged beside 2 N training samples; the others without, as most who ask do.
* A broken one is the same with one fault at one strength. "Named" means that the word, which is the gravest finding, is one that says what was done: for a lost class or mode dropped or imbalanced, for noise off-data or noisy.
* The thresholds were set before this record was begun, on other random numbers (for images: draws of all training images of MNIST), and not changed since; one was added, for samples off the data that are all alike, which no fault here makes. ` + "`-calibrate`" + ` makes such trials from images that the record does not use.
* Trials on images share a pool (15 000 images of the training set, 1 000 for the network, which allows 250 fakes): their splits are independent, their images are not. CIFAR-10 are JPEG copies. The network has random weights.
* "unclear" is no false word: it says that N is too small for what it could have missed, and names the N that would do.

`

// page is docs/VERDICTS.md.
func page(all []trial) []byte {
	var w bytes.Buffer
	w.WriteString(opening)
	by := map[cell][]trial{}
	for _, t := range all {
		by[t.cell()] = append(by[t.cell()], t)
	}
	falseAlarms(&w, by)
	w.WriteString("## What is found\n\nNamed of all trials, with the words of the others. The least fault that a verdict could have seen stands beside every verdict that finds nothing; these tables are what that promises.\n\n")
	for _, x := range worlds() {
		found(&w, x, by)
	}
	costs(&w, all)
	return w.Bytes()
}

// tested are the numbers of fakes in ascending order.
func tested() []int { return slices.Sorted(slices.Values(sizes)) }

// falseAlarms is the table of perfect generators, and what it bounds.
func falseAlarms(w *bytes.Buffer, by map[cell][]trial) {
	w.WriteString("## Perfect generators\n\n| data | fakes | trials | healthy | unclear | false words | rate of false words at most |\n|---|---|---|---|---|---|---|\n")
	var above, missing []string
	total, wrong := 0, 0
	for _, x := range worlds() {
		n, k := 0, 0
		for _, size := range tested() {
			trials := by[cell{x.id, perfect, 0, size}]
			if len(trials) == 0 {
				continue
			}
			words := count(trials)
			alarms := len(trials) - words[metrics.Healthy] - words[metrics.Unclear]
			fmt.Fprintf(w, "| %s | %d | %d | %d | %d | %s | %s |\n", x.title, size, len(trials), words[metrics.Healthy], words[metrics.Unclear], others(words, metrics.Healthy, metrics.Unclear), bound(alarms, len(trials)))
			n, k = n+len(trials), k+alarms
		}
		total, wrong = total+n, wrong+k
		switch {
		case n == 0:
			missing = append(missing, x.id)
		case stats.RateBound(k, n, .95) > .05:
			above = append(above, fmt.Sprintf("%s (%s in %d trials)", x.id, bound(k, n), n))
		}
	}
	fmt.Fprintf(w, "\nThe last column is the exact upper bound with 95 %% confidence [clopper1934]: at a higher rate so few false words would be seen once in twenty times or less. In all, %d of %d perfect generators got a false word.", wrong, total)
	switch {
	case len(above) == 0 && len(missing) == 0:
		w.WriteString(" Over all its sizes the rate of each world is at most 5 %.\n\n")
	case len(above) > 0:
		fmt.Fprintf(w, " Not shown to be at most 5 %% over all sizes: %s.\n\n", strings.Join(above, ", "))
	default:
		w.WriteString("\n\n")
	}
	if len(missing) > 0 {
		fmt.Fprintf(w, "Not run: %s.\n\n", strings.Join(missing, ", "))
	}
}

// found is the table of a world's planted failures.
func found(w *bytes.Buffer, x place, by map[cell][]trial) {
	fmt.Fprintf(w, "### %s\n\n| fault | strength |", x.title)
	for _, n := range tested() {
		fmt.Fprintf(w, " N = %d |", n)
	}
	w.WriteString("\n|---|---|---|---|---|\n")
	for _, f := range x.faults()[1:] {
		fmt.Fprintf(w, "| %s | %s %s |", f.name, strconv.FormatFloat(f.strength, 'g', -1, 64), f.unit)
		for _, n := range tested() {
			fmt.Fprintf(w, " %s |", named(f, by[cell{x.id, f.name, f.strength, n}]))
		}
		w.WriteString("\n")
	}
	w.WriteString("\n")
}

// named is "9/10 (1 healthy)".
func named(f fault, trials []trial) string {
	if len(trials) == 0 {
		return "not run"
	}
	words, k := count(trials), 0
	for _, word := range f.words {
		k += words[word]
	}
	text := fmt.Sprintf("%d/%d", k, len(trials))
	if k < len(trials) {
		text += " (" + others(words, f.words...) + ")"
	}
	return text
}

func count(trials []trial) map[metrics.Word]int {
	words := map[metrics.Word]int{}
	for _, t := range trials {
		words[t.Word]++
	}
	return words
}

// others lists the words beside these, the most frequent first.
func others(words map[metrics.Word]int, these ...metrics.Word) string {
	var all []metrics.Word
	for w := range words {
		if !slices.Contains(these, w) {
			all = append(all, w)
		}
	}
	if len(all) == 0 {
		return "0"
	}
	slices.SortFunc(all, func(a, b metrics.Word) int { return cmp.Or(words[b]-words[a], cmp.Compare(a, b)) })
	parts := make([]string, len(all))
	for i, w := range all {
		parts[i] = fmt.Sprintf("%d %s", words[w], w)
	}
	return strings.Join(parts, ", ")
}

func bound(k, n int) string { return fmt.Sprintf("%.1f %%", 100*stats.RateBound(k, n, .95)) }

// costs is the median time of a verdict, a line a world.
func costs(w *bytes.Buffer, all []trial) {
	w.WriteString("## Cost\n\nMedian seconds of one verdict on one core, features not counted, on a machine that had other work. Cells of one data set share what depends on the data alone and take less.\n\n| data |")
	for _, n := range tested() {
		fmt.Fprintf(w, " N = %d |", n)
	}
	w.WriteString("\n|---|---|---|---|\n")
	for _, x := range worlds() {
		fmt.Fprintf(w, "| %s |", x.title)
		for _, n := range tested() {
			var s []float64
			for _, t := range all {
				if t.World == x.id && t.N == n {
					s = append(s, t.Seconds)
				}
			}
			if len(s) == 0 {
				w.WriteString(" not run |")
				continue
			}
			slices.Sort(s)
			fmt.Fprintf(w, " %.2g |", s[len(s)/2])
		}
		w.WriteString("\n")
	}
}
