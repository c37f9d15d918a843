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
	early, late := d.split(best)
	text = fmt.Sprintf("%s: at the strengths tried it sees %d of %d disturbances", text, len(seen), len(d.Faults))
	if len(early) > 0 {
		text += fmt.Sprintf(" (%s)", joined(d.titles(early)))
	}
	if len(late) > 0 {
		text += fmt.Sprintf("; only when strong: %s", joined(d.titles(late)))
	}
	d.say("use", text+".")
	var blind []string
	for _, f := range d.Faults {
		if !slices.Contains(seen, f.ID) {
			blind = append(blind, f.ID)
		}
	}
	if len(blind) > 0 {
		d.say("blind", fmt.Sprintf("%s does not see: %s.", best.name(), joined(d.titles(blind))))
	}
	d.companions(best, slices.Concat(blind, late))
	d.warnings()
}

// split is what a value sees at the second strength or a lesser one, and what it sees at greater ones only.
func (d *DataResult) split(r Reading) (early, late []string) {
	for _, id := range d.seenBy(r) {
		if r.at(id).From <= powerLevel+1 {
			early = append(early, id)
		} else {
			late = append(late, id)
		}
	}
	return early, late
}

func (d *DataResult) say(kind, text string) { d.Advice = append(d.Advice, Advice{kind, text}) }

// name is the value and its feature space.
func (r Reading) name() string {
	if r.Featurizer == runners.RawFeaturizer || r.Featurizer == ofImages {
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

// much is how many strengths earlier than the value that is recommended another one must see a fault to be named beside it.
const much = 2

// companions add, one after the other, the value that sees most of what the best one does not see or sees late, the earlier the better.
func (d *DataResult) companions(best Reading, wanted []string) {
	for len(wanted) > 0 {
		helps := func(r Reading, id string) bool {
			have, own := r.at(id).From, best.at(id).From
			return have > 0 && r.FalseAlarms <= maxAlarms && (own == 0 || have+much <= own)
		}
		var other Reading
		top := 0
		for _, r := range d.Readings {
			w := 0
			for _, id := range wanted {
				if helps(r, id) {
					w += 100 + levels - r.at(id).From // whether is worth more than how early
				}
			}
			if w > top {
				other, top = r, w
			}
		}
		if top == 0 {
			break
		}
		var found []string
		wanted = slices.DeleteFunc(wanted, func(id string) bool {
			if helps(other, id) {
				found = append(found, d.from(other, id))
				return true
			}
			return false
		})
		d.say("add", fmt.Sprintf("Read %s beside it: it sees %s.", other.name(), joined(found)))
	}
	wanted = slices.DeleteFunc(wanted, func(id string) bool { return best.at(id).From > 0 })
	if len(wanted) > 0 {
		d.say("unseen", fmt.Sprintf("No metric sees, at any strength tried: %s.", joined(d.titles(wanted))))
	}
}

// from is a fault with the strength at which a value begins to see it.
func (d *DataResult) from(r Reading, id string) string {
	f := d.Faults[slices.IndexFunc(d.Faults, func(i FaultInfo) bool { return i.ID == id })]
	return fmt.Sprintf("%s from %g %s on", f.Title, f.Strengths[r.at(id).From-1], f.Unit)
}

// warnings name values that faults make better, those of most faults first, and values that call real data a fault.
func (d *DataResult) warnings() {
	type misled struct {
		name   string
		faults []string
	}
	var all []misled
	for _, r := range d.Readings {
		m := misled{name: r.name()}
		for _, f := range r.Faults {
			if f.fooled() {
				m.faults = append(m.faults, f.Fault)
			}
		}
		if len(m.faults) > 0 {
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, func(a, b misled) int { return len(b.faults) - len(a.faults) })
	for i, m := range all {
		if i == most {
			var rest []string
			for _, m := range all[i:] {
				rest = append(rest, m.name)
			}
			d.say("avoid", fmt.Sprintf("Nor alone, as some fault makes them better: %s.", few(rest)))
			break
		}
		d.say("avoid", fmt.Sprintf("Never read %s alone: it gets better under %s.", m.name, joined(d.titles(m.faults))))
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

// most is how many names a sentence lists, and how many values are warned of one by one.
const most = 6

// few are the first names and how many more there are.
func few(names []string) string {
	if len(names) <= most {
		return joined(names)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
