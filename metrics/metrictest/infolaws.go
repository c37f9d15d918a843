package metrictest

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/metrics"
)

func infoLaw(t *testing.T, m metrics.Metric, bibliographies []string) {
	i := m.Info()
	for _, n := range append([]string{i.ID}, i.Values...) {
		if !idForm.MatchString(n) {
			t.Errorf("name %q has characters outside a-z, 0-9, _", n)
		}
	}
	if len(i.Values) == 0 || i.Title == "" || len(i.Needs) == 0 || !(i.Lo < i.Hi) {
		t.Errorf("incomplete: %+v", i)
	}
	if i.Better != metrics.None && (i.Ideal < i.Lo || i.Ideal > i.Hi) {
		t.Errorf("ideal %v outside [%v, %v]", i.Ideal, i.Lo, i.Hi)
	}
	if _, err := cite.Lookup(i.Paper, bibliographies...); err != nil {
		t.Error(err)
	}
	if found, err := metrics.Lookup(i.ID); err != nil {
		t.Logf("not in the catalog: %v", err)
	} else if found.Info().ID != i.ID {
		t.Errorf("the catalog has %s", found.Info().ID)
	}
}

func optionsLaw(t *testing.T, m metrics.Metric) {
	for _, o := range m.Info().Options {
		same, err := m.With(o.Name, o.Default)
		if err != nil {
			t.Errorf("%s refuses its own default: %v", o.Name, err)
		} else if d := cmp.Diff(m.Info(), same.Info(), tables); d != "" {
			t.Errorf("setting %s to its default changes something: %s", o.Name, d)
		}
		for _, bad := range []string{"\x00no such thing", "NaN", ""} {
			if _, err := m.With(o.Name, bad); !errors.Is(err, metrics.ErrValue) || !strings.Contains(err.Error(), o.Name) {
				t.Errorf("%s=%q: %v", o.Name, bad, err)
			}
		}
		if o.Doc == "" {
			t.Errorf("%s has no doc", o.Name)
		}
	}
	if _, err := m.With("no_such_option", "1"); !errors.Is(err, metrics.ErrValue) {
		t.Errorf("unknown option: %v", err)
	}
}

// tables compares what two metrics say of the memory that they take, at several sizes: functions themselves cannot be compared.
var tables = cmp.Comparer(func(a, b func(metrics.Extent) metrics.Table) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	for _, e := range []metrics.Extent{{Real: 50, Fake: 40, Dim: 3}, {Real: 3000, Fake: 5000, Dim: 64}, {Real: 50000, Fake: 10000, Dim: 2048}} {
		if a(e) != b(e) {
			return false
		}
	}
	return true
})

// zeroLaw: the metric with no field set is the one with every option at its announced default, or says in one line why it cannot be.
func zeroLaw(t *testing.T, m metrics.Metric) {
	kind := reflect.TypeOf(m)
	zero, ok := reflect.Zero(kind).Interface().(metrics.Metric)
	if kind.Kind() == reflect.Pointer {
		zero, ok = reflect.New(kind.Elem()).Interface().(metrics.Metric)
	}
	if !ok {
		t.Fatalf("the zero value of %v is no metric", kind)
	}
	def := zero
	for _, o := range zero.Info().Options {
		var err error
		if def, err = def.With(o.Name, o.Default); err != nil {
			t.Fatalf("%s refuses its own default: %v", o.Name, err)
		}
	}
	got, err := zero.Compute(context.Background(), Fixture(1))
	if err != nil {
		if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), zero.Info().ID) {
			t.Errorf("the zero value is refused by %q", err)
		}
		return
	}
	for _, f := range Violations(zero.Info(), got) {
		t.Errorf("zero value: %s", f)
	}
	want, err := def.Compute(context.Background(), Fixture(1))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the zero value differs from the defaults: %s", d)
	}
}
