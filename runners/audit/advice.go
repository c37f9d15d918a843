package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/runners"
)

// Advice is one recommendation in words, computed from the readings.
type Advice struct {
	Kind string `json:"kind"` // use, blind, add, unseen, avoid or alarm
	Text string `json:"text"`
}

// maxAlarms is the share of false alarms above which a value is recommended to nobody.
const maxAlarms = .1

// at is the reading of a fault.
func (r Reading) at(fault string) FaultReading {
	for _, f := range r.Faults {
		if f.Fault == fault {
			return f
		}
	}
	return FaultReading{}
}

// fooled says whether the value gets better under a fault.
func (f FaultReading) fooled() bool { return slices.Contains(f.Sight, metrics.Fooled) }

// worth ranks a value: what it sees, how early, less what fools it.
func (r Reading) worth(faults []FaultInfo) int {
	w := 0
	for _, f := range faults {
		got := r.at(f.ID)
		if f.Kind == Classes {
			continue
		}
		if got.From > 0 {
			w += 2*levels - got.From
		}
		if got.fooled() {
			w -= 2 * levels
		}
	}
	return w
}

// advise writes the recommendations: the value that sees most, with the samples it takes; what it does not see, and who does; what nobody sees; who is fooled.
func (d *DataResult) advise() {
	d.Advice = nil
	best, ok := d.best()
	if !ok {
		d.say("unseen", "No metric sees any of the disturbances: give more samples a side, or another featurizer.")
		return
	}
	seen, least := d.seenBy(best), d.least(best)
	text := fmt.Sprintf("For these %d samples use %s", d.Samples, best.name())
	if least > 0 {
		text += fmt.Sprintf(" with at least %d samples a side", least)
	}
	d.say("use", fmt.Sprintf("%s: at the strengths tried it sees %d of %d disturbances (%s).", text, len(seen), len(d.Faults), joined(d.titles(seen))))
	var blind []string
	for _, f := range d.Faults {
		if !slices.Contains(seen, f.ID) {
			blind = append(blind, f.ID)
		}
	}
	if len(blind) > 0 {
		d.say("blind", fmt.Sprintf("%s does not see: %s.", best.name(), joined(d.titles(blind))))
	}
	d.companions(blind)
	d.warnings()
}

func (d *DataResult) say(kind, text string) { d.Advice = append(d.Advice, Advice{kind, text}) }

// name is the value and its feature space.
func (r Reading) name() string {
	if r.Featurizer == runners.RawFeaturizer {
		return r.Value
	}
	return r.Value + " in " + r.Featurizer
}

// best is the value of most worth among those with few false alarms; of equals the one that needs fewer samples, then the first of the catalog.
func (d *DataResult) best() (Reading, bool) {
	var all []Reading
	for _, r := range d.Readings {
		if r.FalseAlarms <= maxAlarms && r.worth(d.Faults) > 0 && len(d.seenBy(r)) > 0 {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return Reading{}, false
	}
	return slices.MinFunc(all, func(a, b Reading) int {
		return cmp.Or(cmp.Compare(b.worth(d.Faults), a.worth(d.Faults)), cmp.Compare(d.least(a), d.least(b)))
	}), true
}

// seenBy are the faults that a value sees at some strength and all greater ones.
func (d *DataResult) seenBy(r Reading) (ids []string) {
	for _, f := range r.Faults {
		if f.From > 0 {
			ids = append(ids, f.Fault)
		}
	}
	return ids
}

// least is the number of samples a side that a value takes to see, at the second strength, whatever it sees at that strength with all of them; 0 where that is nothing.
func (d *DataResult) least(r Reading) int {
	n := 0
	for _, f := range r.Faults {
		if f.Least > 0 {
			n = max(n, f.Least)
		}
	}
	return n
}

func (d *DataResult) titles(ids []string) (out []string) {
	for _, f := range d.Faults {
		if slices.Contains(ids, f.ID) {
			out = append(out, f.Title)
		}
	}
	return out
}

// companions add, one after the other, the value that sees most of what is not seen yet, the earlier the better.
func (d *DataResult) companions(blind []string) {
	for len(blind) > 0 {
		var best Reading
		top := 0
		for _, r := range d.Readings {
			w := 0
			for _, id := range blind {
				if f := r.at(id); f.From > 0 && r.FalseAlarms <= maxAlarms {
					w += 100 + levels - f.From // whether is worth more than how early
				}
			}
			if w > top {
				best, top = r, w
			}
		}
		if top == 0 {
			d.say("unseen", fmt.Sprintf("No metric sees, at any strength tried: %s.", joined(d.titles(blind))))
			return
		}
		var found []string
		blind = slices.DeleteFunc(blind, func(id string) bool {
			if best.at(id).From > 0 {
				found = append(found, id)
				return true
			}
			return false
		})
		text := fmt.Sprintf("Read %s beside it: it sees %s", best.name(), joined(d.titles(found)))
		if f := best.at(found[0]); f.From > 1 && len(found) == 1 {
			info := d.Faults[slices.IndexFunc(d.Faults, func(i FaultInfo) bool { return i.ID == found[0] })]
			text += fmt.Sprintf(" from %g %s on", info.Strengths[f.From-1], info.Unit)
		}
		d.say("add", text+".")
	}
}

// warnings name values that a fault makes better, and values that call real data a fault.
func (d *DataResult) warnings() {
	by := map[string][]string{}
	for _, r := range d.Readings {
		for _, f := range r.Faults {
			if f.fooled() {
				by[f.Fault] = append(by[f.Fault], r.name())
			}
		}
	}
	for _, f := range d.Faults {
		if names := by[f.ID]; len(names) > 0 {
			d.say("avoid", fmt.Sprintf("Improved by %s: %s.", f.Title, few(names)))
		}
	}
	var alarm []string
	for _, r := range d.Readings {
		if r.FalseAlarms > maxAlarms {
			alarm = append(alarm, r.name())
		}
	}
	if len(alarm) > 0 {
		d.say("alarm", fmt.Sprintf("More than a tenth of false alarms between real samples: %s.", few(alarm)))
	}
}

// few are the first names and how many more there are.
func few(names []string) string {
	const most = 6
	if len(names) <= most {
		return joined(names)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
