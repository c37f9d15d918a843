package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/zoo"
)

// trial is one run of the search for defaults: the settings it drew and what it reached on validation data.
type trial struct {
	search, model, set string
	steps              int
	settings           map[string]string
	good, modes, fd    float64 // share of high quality, modes by the third rule; Fréchet distance
}

// readTrials reads docs/zoo/results/defaults.csv.
func readTrials(file string) (trials []trial, err error) {
	lines, err := readCSV(file)
	if len(lines) == 0 {
		return nil, err
	}
	at := map[string]int{}
	for i, name := range lines[0] {
		at[name] = i
	}
	number := func(l []string, name string) float64 {
		v, wrong := strconv.ParseFloat(cmp.Or(l[at[name]], "0"), 64)
		err = errors.Join(err, wrong)
		return v
	}
	for _, l := range lines[1:] {
		t := trial{search: l[at["search"]], model: l[at["model"]], set: l[at["dataset"]], settings: map[string]string{}, steps: int(number(l, "steps")),
			good: number(l, "hq"), modes: number(l, "modes_share"), fd: number(l, "fd")}
		for word := range strings.FieldsSeq(l[at["settings"]]) {
			name, v, _ := strings.Cut(word, "=")
			t.settings[name] = v
		}
		trials = append(trials, t)
	}
	return trials, err
}

// searchedSets are the data sets that the search scored a kind of data on.
var searchedSets = map[datasets.Kind][]string{datasets.Points: {"ring", "grid"}, datasets.Images: {"glyphs"}}

// tenfold is the search's name for runs of ten times the length.
const tenfold = "tenfold"

// source says where the defaults of a model come from, for each kind of data where they are not the paper's.
func (b *book) source(s *strings.Builder, info zoo.Info) {
	for _, k := range info.Kinds {
		if !slices.ContainsFunc(info.Settings, func(p zoo.Setting) bool { _, other := p.Paper[k]; return other }) {
			continue
		}
		sets := searchedSets[k]
		tried := map[string]bool{}
		for _, t := range b.trials {
			if t.model == info.ID && t.search != tenfold && slices.Contains(sets, t.set) {
				tried[fmt.Sprint(t.settings)] = true
			}
		}
		if why := byHand(info, k); len(tried) == 0 && why != "" {
			fmt.Fprintf(s, "The defaults for %s are not the paper's: %s.", k, why)
		} else if len(tried) == 0 {
			fmt.Fprintf(s, "The defaults for %s are not the paper's: they were taken over from a relative for which they were searched ([runs](results/defaults.csv)).", k)
		} else {
			fmt.Fprintf(s, "The defaults for %s are not the paper's: %s tried on validation draws of %s, at equal cost ([runs](results/defaults.csv)).", k, count(len(tried), "setting was", "settings were"), strings.Join(sets, " and "))
		}
		b.reached(s, info, k, false)
		b.reached(s, info, k, true)
		s.WriteString(" `--preset paper` trains with the paper's.\n\n")
	}
}

// byHand says how the defaults of a model came about that no search found.
func byHand(info zoo.Info, k datasets.Kind) string {
	field, pair := info.Family == zoo.Diffusion, info.ID == zoo.DDGAN{}.Info().ID
	switch {
	case (field || pair) && k == datasets.Images:
		return "they are for short runs of a small network, and were not searched"
	case field:
		return "they were chosen by hand from some thirty trials of the three fields on the ring, seed 11, looked at again with seeds 12 and 13; no search was recorded"
	case pair:
		return "they were chosen by hand from fifteen trials on the ring, seed 11; no search was recorded"
	}
	return ""
}

func count(n int, one, many string) string {
	if n == 1 {
		return "one " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// reached tells what runs with the defaults came to on the validation draws, at the search's cost or at ten times it.
func (b *book) reached(s *strings.Builder, info zoo.Info, k datasets.Kind, longer bool) {
	chosen, err := zoo.Resolve(info, k, nil)
	if err != nil {
		return
	}
	var parts []string
	for _, set := range searchedSets[k] {
		var good, modes, fd []float64
		steps := 0
		for _, t := range b.trials {
			if t.model == info.ID && t.set == set && (t.search == tenfold) == longer && t.chosen(chosen) {
				good, modes, fd, steps = append(good, t.good), append(modes, t.modes), append(fd, t.fd), t.steps
			}
		}
		switch {
		case len(good) == 0:
		case k == datasets.Images:
			parts = append(parts, fmt.Sprintf("FD (glyphnet) %.3g after %d steps", middle(fd), steps))
		default:
			parts = append(parts, fmt.Sprintf("%.0f %% of good samples and %.0f modes by the third rule on %s after %d steps", 100*middle(good), middle(modes), set, steps))
		}
	}
	switch {
	case len(parts) > 0 && longer:
		fmt.Fprintf(s, " At ten times the cost: %s.", strings.Join(parts, ", "))
	case len(parts) > 0:
		fmt.Fprintf(s, " There they reach %s.", strings.Join(parts, ", "))
	}
}

// chosen says whether the trial was of the settings, its length aside. A setting that the trial lacks was not there yet.
func (t trial) chosen(settings zoo.Settings) bool {
	for name, v := range t.settings {
		if settings[name] != v {
			return false
		}
	}
	return true
}

func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
