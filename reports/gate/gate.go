package gate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
)

// ErrIncomparable is wrapped by the error for records that were not measured in the same way as the baseline.
var ErrIncomparable = errors.New("not comparable with the baseline")

// Options are the gate's constants.
type Options struct {
	Alpha    float64  // chance of a false alarm aimed at, over all values of a night together; 0 means 0.01
	MaxAlpha float64  // up to which the level is raised where seeds are too few to reach Alpha, and the level of failure rates; 0 means 0.05 or Alpha, the greater
	Margin   *float64 // a worsening up to this share is accepted where no rule says another; nil: what the noise of the baseline needs, at least 1 %
	Power    float64  // at which the smallest detectable worsening is stated; 0 means 0.8
	Seed     uint64   // of the resampling behind it
	Rules    []Rule   // the first that matches a check wins
	Across   bool     // compare models whose settings changed, and name the changes

	// Default returns the default of a model's setting, and false where it knows none. A setting that the baseline's build did not have yet, and that has its
	// default, is no change. Nil knows none.
	Default func(model, setting string) (string, bool)
	Today   string // date of the verdict as 2026-01-31, for the baseline's age; "" leaves it out
}

func (o Options) defaults() (Options, error) {
	o.Alpha = cmp.Or(o.Alpha, .01)
	o.MaxAlpha, o.Power = cmp.Or(o.MaxAlpha, max(.05, o.Alpha)), cmp.Or(o.Power, .8)
	if !(o.Alpha > 0 && o.Alpha <= o.MaxAlpha && o.MaxAlpha < .5 && o.Power > 0 && o.Power < 1) || o.Margin != nil && !(*o.Margin >= 0) {
		return o, fmt.Errorf("gate: alpha %v, highest alpha %v, power %v: want 0 < alpha <= highest alpha < 0.5, 0 < power < 1, and a margin of at least 0", o.Alpha, o.MaxAlpha, o.Power)
	}
	return o, nil
}

// Decide compares a candidate's records with a baseline. For each model and data set of the baseline it checks the gated measures (see Baseline.Gated) and
// the rate of failed runs:
//
//	identical     every value is equal to the baseline's of the same seed, to the bit
//	regression    worse by more than the margin, by an exact test at the level, Holm over the family
//	inconclusive  no runs, too few to reach the level, values that cannot be leant on, or worse beyond chance but not by more than the margin beyond chance
//	too-good      better by more than the margin at the same level, or than real data
//	changed       a rule wants it equal to the bit and it is not
//	pass          else: no worsening is shown, and the reason says which one would have been
//
// Errors: ErrIncomparable when featurizer, protocol, reference, sample sizes, data or weights hash differ, naming the field, or settings without Across; a
// rule that matches nothing; options out of range.
func Decide(b *Baseline, candidate []reports.Record, o Options) (*Verdict, error) {
	o, err := o.defaults()
	if err != nil {
		return nil, err
	}
	if err = checkRules(o.Rules, b); err != nil {
		return nil, err
	}
	candidate = reports.Final(reports.Distinct(candidate))
	v := &Verdict{Alpha: o.Alpha, Power: o.Power, Baseline: b.side(), Run: sideOf(candidate)}
	pairs, err := match(b, candidate, o)
	if err != nil {
		return nil, err
	}
	if len(pairs) == 0 {
		return nil, errors.New("gate: the baseline holds no model: record one with more runs")
	}
	var values []*sample
	for _, p := range pairs {
		v.Changes = append(v.Changes, p.changes...)
		values = append(values, p.samples...)
	}
	family := judge(values, o)
	v.Families = append(v.Families, family)
	for _, s := range values {
		s.explain(o, family)
		v.Checks = append(v.Checks, s.Check)
	}
	v.Families = append(v.Families, failureFamily(v, pairs, o))
	v.Changes = append(v.Changes, machineChanges(v.Baseline, v.Run)...)
	v.finish(o)
	return v, nil
}

// finish sorts the checks, worst first, counts them and adds the warnings that concern no check alone.
func (v *Verdict) finish(o Options) {
	v.Count()
	v.sort()
	for _, c := range v.Checks {
		if c.Status == TooGood {
			v.Warnings = append(v.Warnings, fmt.Sprintf("%s is too good: %s", c.Name(), c.Reason))
		}
	}
	v.age(o.Today)
}

// sort puts the worst checks first.
func (v *Verdict) sort() {
	slices.SortStableFunc(v.Checks, func(a, b Check) int {
		return cmp.Or(cmp.Compare(slices.Index(Statuses(), b.Status), slices.Index(Statuses(), a.Status)), strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Model, b.Model))
	})
}
