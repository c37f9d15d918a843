package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-gan/assay/reports"
)

// staleDays is the age from which a baseline is called old: what it was measured with has changed by then.
const staleDays = 180

// sideOf says where records come from.
func sideOf(recs []reports.Record) Side {
	s := Side{Seeds: []uint64{}, Builds: []string{}, Kernels: []string{}, CPUs: []string{}}
	for _, r := range recs {
		if reports.IsReference(r.Model) {
			continue
		}
		s.Seeds = append(s.Seeds, r.Seed)
		s.Builds, s.Kernels, s.CPUs = append(s.Builds, r.Provenance.Version), append(s.Kernels, r.Provenance.Kernel), append(s.CPUs, r.Provenance.CPU)
	}
	slices.Sort(s.Seeds)
	s.Seeds = slices.Compact(s.Seeds)
	for _, v := range []*[]string{&s.Builds, &s.Kernels, &s.CPUs} {
		slices.Sort(*v)
		*v = slices.DeleteFunc(slices.Compact(*v), func(x string) bool { return x == "" })
	}
	return s
}

func (b *Baseline) side() Side {
	s := sideOf(b.Records)
	s.Date, s.Reason = b.Date, b.Note
	return s
}

// machineChanges names what made the two sides, where it differs.
func machineChanges(base, cand Side) []Change {
	var out []Change
	for _, c := range []struct {
		name     string
		was, now []string
	}{{"build", base.Builds, cand.Builds}, {"kernel set", base.Kernels, cand.Kernels}, {"processor", base.CPUs, cand.CPUs}} {
		if len(c.now) > 0 && !slices.Equal(c.was, c.now) {
			out = append(out, Change{Name: c.name, From: strings.Join(c.was, ", "), To: strings.Join(c.now, ", ")})
		}
	}
	return out
}

// sameMachine says whether one kernel set on one kind of processor made all records: only then are equal seeds equal to the bit.
func sameMachine(a, b []reports.Record) bool {
	s := sideOf(slices.Concat(a, b))
	return len(s.Kernels) <= 1 && len(s.CPUs) <= 1
}

// age notes how old the baseline is, and warns of a stale one.
func (v *Verdict) age(today string) {
	made, err := time.Parse(time.DateOnly, v.Baseline.Date)
	if err != nil {
		return
	}
	now, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return
	}
	v.Baseline.AgeDays = int(now.Sub(made).Hours() / 24)
	if v.Baseline.AgeDays >= staleDays {
		v.Warnings = append(v.Warnings, fmt.Sprintf("the baseline is %d days old: make it again, or say by assay gate update why it still holds", v.Baseline.AgeDays))
	}
}
