package reports

import (
	"fmt"
	"slices"

	"github.com/assay-gan/assay/internal/suggest"
)

// AlarmKind is what a monitor can find of a run in training. The set is closed: programs count by it.
type AlarmKind string

// The kinds.
const (
	AlarmCollapse   AlarmKind = "collapse"   // samples on a few of the modes (classes, clusters) of the data, or drawn together to a point
	AlarmDuplicates AlarmKind = "duplicates" // half of the samples are nearer to another one than real samples ever are
	AlarmDivergence AlarmKind = "divergence" // samples that are no numbers, or far beyond the data's spread
	AlarmGradients  AlarmKind = "gradients"  // a gradient a thousand times as long as it was, or next to nothing
	AlarmDLoss      AlarmKind = "d_loss"     // a loss of the discriminator that was positive and has gone to 0: it tells all fakes, and teaches nothing
)

// AlarmKinds lists them.
func AlarmKinds() []AlarmKind {
	return []AlarmKind{AlarmCollapse, AlarmDuplicates, AlarmDivergence, AlarmGradients, AlarmDLoss}
}

// Cause is the kind of failure that a run ended by such an alarm is; "" for an alarm that ends none.
func (k AlarmKind) Cause() Cause {
	switch k {
	case AlarmCollapse, AlarmDuplicates:
		return Collapsed
	case AlarmDivergence, AlarmGradients:
		return Diverged
	case AlarmDLoss: // a sign, and no failure
	}
	return ""
}

// Alarm is one thing that a monitor found.
type Alarm struct {
	Kind  AlarmKind `json:"kind"`
	Step  int       `json:"step"`            // at which it was raised
	Since int       `json:"since"`           // the first look of those in a row that it rests on: the time of collapse, but for the steps between two looks
	Ended int       `json:"ended,omitempty"` // the look since which it is no more so; 0 where it is so at the last one
	Text  string    `json:"text"`            // the numbers behind it
}

// String is the alarm in a line.
func (a Alarm) String() string { return fmt.Sprintf("%s since step %d: %s", a.Kind, a.Since, a.Text) }

// Watch is what a monitor saw of a run: artifacts/CELL/monitor.json. Slices from Steps on have an entry for each look.
type Watch struct {
	Every   int    `json:"every"`   // steps between two looks
	Samples int    `json:"samples"` // drawn at each
	Of      string `json:"of"`      // what Counts counts: modes, classes or clusters

	Fair           []float64 `json:"fair"`            // shares of the real samples, by mode
	DuplicatesReal float64   `json:"duplicates_real"` // what Duplicates is of real samples
	Critics        []string  `json:"critics"`         // turns of discriminators and critics

	Steps      []int                `json:"steps"`       // of the looks
	Counts     [][]int              `json:"counts"`      // samples nearest to each mode, by look: the mode histogram
	Covered    []int                `json:"covered"`     // modes that got a third of their fair share; of known modes, of samples within three standard deviations
	Effective  []float64            `json:"effective"`   // exp of the entropy of Counts
	Duplicates []float64            `json:"duplicates"`  // share of samples that are nearer to another one than one in a hundred real samples is
	Spread     []float64            `json:"spread"`      // standard deviation over that of real samples, over all features
	NotNumbers []int                `json:"not_numbers"` // samples that are NaN or infinite
	Gradients  map[string][]float64 `json:"gradients"`   // norms, by turn
	Losses     map[string][]float64 `json:"losses"`      // by turn
	Alarms     []Alarm              `json:"alarms"`      // in the order of their steps
	Stopped    bool                 `json:"stopped"`     // the last alarm ended the run
}

// Check says what is wrong with a watch: series of other lengths than its looks, alarms that are none.
func (w *Watch) Check() error {
	n := len(w.Steps)
	lengths := []int{len(w.Counts), len(w.Covered), len(w.Effective), len(w.Duplicates), len(w.Spread), len(w.NotNumbers)}
	for _, series := range []map[string][]float64{w.Gradients, w.Losses} {
		for _, s := range series {
			lengths = append(lengths, len(s))
		}
	}
	if slices.ContainsFunc(lengths, func(l int) bool { return l != n }) {
		return fmt.Errorf("series of %v entries beside %d looks", lengths, n)
	}
	for _, c := range w.Counts {
		if len(c) != len(w.Fair) {
			return fmt.Errorf("counts of %d %s, and there are %d", len(c), w.Of, len(w.Fair))
		}
	}
	for _, c := range w.Critics {
		if len(w.Losses[c]) != n {
			return fmt.Errorf("no losses of %q", c)
		}
	}
	return checkAlarms(w.Alarms)
}

func checkAlarms(alarms []Alarm) error {
	for _, a := range alarms {
		if !slices.Contains(AlarmKinds(), a.Kind) {
			var have []string
			for _, k := range AlarmKinds() {
				have = append(have, string(k))
			}
			return suggest.Unknown("alarm", string(a.Kind), have)
		}
		if a.Since < 0 || a.Step < a.Since || a.Ended != 0 && a.Ended < a.Since {
			return fmt.Errorf("alarm %s at step %d since %d, ended at %d", a.Kind, a.Step, a.Since, a.Ended)
		}
	}
	return nil
}
