package gate

import (
	"fmt"
	"slices"

	"github.com/assay-gan/assay/reports"
)

// Sequence says how seeds are added while a gate cannot tell.
type Sequence struct {
	Start int // seeds of the first look; 0 means 5
	Step  int // added for each further look; 0 means Start
	Most  int // seeds of the last look; 0 means 4 times Start
	// Run trains and scores the seeds, and returns the records of all runs so far, theirs among them.
	Run func(seeds []uint64) ([]reports.Record, error)
}

// Look is one decision on the way.
type Look struct {
	Seeds   []uint64 `json:"seeds"`
	Level   float64  `json:"level"` // of this look's alarms, over all values
	Status  Status   `json:"status"`
	Confirm bool     `json:"confirm"` // fresh seeds alone, after an alarm
}

// Sequential decides with few seeds where they are enough, and adds seeds while the verdict is inconclusive. Alpha is spent evenly over the looks that there may
// be (Bonferroni: the chance of a false alarm over all of them stays below Alpha, however often one looks). Seeds of the baseline come first, since what did not
// change is equal to the bit there. An alarm is raised only if as many fresh seeds, tested by themselves, alarm too; else the verdict is inconclusive and says
// what was seen. The looks are returned in their order.
func Sequential(b *Baseline, o Options, s Sequence) (*Verdict, []Look, error) {
	o, err := o.defaults()
	if err != nil {
		return nil, nil, err
	}
	if s.Start == 0 {
		s.Start = 5
	}
	if s.Step == 0 {
		s.Step = s.Start
	}
	if s.Most == 0 {
		s.Most = 4 * s.Start
	}
	if s.Start < 1 || s.Step < 1 || s.Most < s.Start || s.Run == nil {
		return nil, nil, fmt.Errorf("gate: start %d, step %d, most %d: want a start and a step of at least 1, and most no less than the start", s.Start, s.Step, s.Most)
	}
	planned := 1 + (s.Most-s.Start+s.Step-1)/s.Step
	spent := o
	spent.Alpha, spent.MaxAlpha = o.Alpha/float64(planned), o.MaxAlpha/float64(planned)
	seeds := b.nextSeeds(nil, s.Start)
	var looks []Look
	for {
		v, err := lookAt(b, spent, s, seeds)
		if err != nil {
			return nil, looks, err
		}
		looks = append(looks, Look{Seeds: slices.Clone(seeds), Level: spent.Alpha, Status: v.Status})
		switch {
		case v.Status == Regression:
			return confirm(b, o, s, v, seeds, looks)
		case v.Status != Inconclusive || len(seeds) >= s.Most:
			v.Warnings = append(v.Warnings, story(looks)...)
			return v, looks, nil
		}
		seeds = append(seeds, b.nextSeeds(seeds, min(s.Step, s.Most-len(seeds)))...)
	}
}

func lookAt(b *Baseline, o Options, s Sequence, seeds []uint64) (*Verdict, error) {
	recs, err := s.Run(seeds)
	if err != nil {
		return nil, err
	}
	return Decide(b, reports.Where(recs, func(r reports.Record) bool { return slices.Contains(seeds, r.Seed) || reports.IsReference(r.Model) }), o)
}

// confirm tests as many fresh seeds by themselves. What is worse in both is a regression; what was worse in the first alone is left open.
func confirm(b *Baseline, o Options, s Sequence, first *Verdict, seen []uint64, looks []Look) (*Verdict, []Look, error) {
	fresh := b.freshSeeds(seen, len(seen))
	second, err := lookAt(b, o, s, fresh)
	if err != nil {
		return nil, looks, err
	}
	looks = append(looks, Look{Seeds: fresh, Level: o.Alpha, Status: second.Status, Confirm: true})
	for i := range first.Checks {
		c := &first.Checks[i]
		if c.Status != Regression {
			continue
		}
		at := slices.IndexFunc(second.Checks, func(d Check) bool { return d.Name() == c.Name() && d.Family == c.Family })
		if at >= 0 && second.Checks[at].Status == Regression {
			c.Notes = append(c.Notes, fmt.Sprintf("confirmed by fresh seeds %s: %s", Seeds(fresh), second.Checks[at].Reason))
			continue
		}
		c.Status = Inconclusive
		c.Reason += fmt.Sprintf("; fresh seeds %s do not confirm it", Seeds(fresh))
		if at >= 0 {
			c.Reason += ": " + second.Checks[at].Reason
		}
	}
	first.Count()
	first.sort()
	first.Warnings = append(first.Warnings, story(looks)...)
	return first, looks, nil
}

// story says what was looked at, where it was more than one look.
func story(looks []Look) []string {
	if len(looks) < 2 {
		return nil
	}
	text := "seeds were added while the verdict was open: "
	for i, l := range looks {
		if i > 0 {
			text += ", then "
		}
		if l.Confirm {
			text += "fresh "
		}
		text += fmt.Sprintf("%s (%s)", plural(len(l.Seeds), "seed"), l.Status)
	}
	return []string{text}
}

// nextSeeds returns n seeds that are not taken: the baseline's in their order, then numbers above them.
func (b *Baseline) nextSeeds(taken []uint64, n int) []uint64 {
	var out []uint64
	for _, seed := range b.side().Seeds {
		if len(out) < n && !slices.Contains(taken, seed) {
			out = append(out, seed)
		}
	}
	return append(out, b.freshSeeds(slices.Concat(taken, out), n-len(out))...)
}

// freshSeeds returns n numbers above every seed of the baseline and those taken.
func (b *Baseline) freshSeeds(taken []uint64, n int) []uint64 {
	next := uint64(0)
	for _, seed := range slices.Concat(b.side().Seeds, taken) {
		next = max(next, seed)
	}
	var out []uint64
	for range n {
		next++
		out = append(out, next)
	}
	return out
}
