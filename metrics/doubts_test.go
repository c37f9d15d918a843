package metrics

import (
	"context"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

// A value that cannot be leaned on says so wherever it is shown.
func TestDoubtsAreSaid(t *testing.T) {
	short := Pair{Real: golden.Matrix(1, 30, 40, 1, 0), Fake: golden.Matrix(2, 30, 40, 1, 1)}
	for _, m := range []Metric{FD{}, MiFID{}} {
		r, err := m.Compute(context.Background(), short)
		if err != nil || r.Status != Unreliable || !strings.Contains(strings.Join(r.Warnings, " "), "30 rows for 40 features") || !strings.Contains(r.Values[0].NoInterval, "singular") {
			t.Errorf("%s of 30 rows and 40 features: %+v, %v", m.Info().ID, r, err)
		}
	}
	p := Pair{Real: golden.Matrix(3, 60, 3, 1, 0), Fake: golden.Matrix(4, 60, 3, 1, .3)}
	r, err := KID{Size: 60, Subsets: 5}.Compute(context.Background(), p)
	if err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "all 5 subsets are the same") {
		t.Errorf("kid of sets as large as a subset: %v, %v", r.Warnings, err)
	}
	if v := result(t, KIDFull{}, p).Values[0].Value; relative(r.Values[0].Value, v) > 1e-12 {
		t.Errorf("kid %v, kid_full %v", r.Values[0].Value, v)
	}
	b := result(t, Betti0{Rows: 60}, p)
	for _, name := range []string{"betti0", "betti0_length"} {
		if v, _ := b.Get(name); v.Interval != nil || !strings.Contains(v.NoInterval, "whole set") {
			t.Errorf("%s over subsets that are the whole set: %+v", name, v)
		}
	}
	if v, _ := result(t, Betti0{Rows: 30}, p).Get("betti0"); v.Interval == nil || v.Interval.Hi <= v.Interval.Lo {
		t.Errorf("betti0 over halves: %+v", v)
	}
}

func relative(a, b float64) float64 { return max(a/b, b/a) - 1 }

// The interval of a Frechet distance is around the distance less its bias, to the bit, as cut at 0 or not; that of a raw KID is around itself.
func TestIntervalsSayWhatTheyAreAround(t *testing.T) {
	near := Pair{Real: golden.Matrix(5, 300, 6, 1, 0), Fake: golden.Matrix(6, 280, 6, 1, 0)}
	far := Pair{Real: golden.Matrix(5, 300, 6, 1, 0), Fake: golden.Matrix(6, 280, 6, 1.3, .4)}
	for name, p := range map[string]Pair{"near": near, "far": far} {
		r := result(t, FD{}, p)
		fd, _ := r.Get("fd")
		bias, _ := r.Get("fd_bias")
		if c := fd.Interval.Centre; c == nil || *c != fd.Value-bias.Value || fd.Interval.Hi < *c || *c > 0 && fd.Interval.Lo > *c {
			t.Errorf("%s: fd %v, bias %v, interval %+v", name, fd.Value, bias.Value, fd.Interval)
		}
		if kid := result(t, KIDFull{}, p).Values[0]; kid.Interval.Centre != nil {
			t.Errorf("%s: kid_full is unbiased and says %v", name, *kid.Interval.Centre)
		}
		biased := result(t, KIDFull{Estimator: "biased"}, p).Values[0]
		if c := biased.Interval.Centre; c == nil || relative(*c, result(t, KIDFull{}, p).Values[0].Value) > 1e-9 {
			t.Errorf("%s: the biased kid_full is around %v", name, c)
		}
	}
	if fd := result(t, FD{}, near).Values[0]; fd.Value <= fd.Interval.Hi {
		t.Errorf("populations that agree: fd %v lies in its interval %+v, and this test shows nothing", fd.Value, fd.Interval)
	}
}
