package gate

import (
	"fmt"
	"math"
	"strings"

	"github.com/assay-gan/assay/reports"
)

// Status is what the gate says of one check, and of all of them together.
type Status string

// The states of a check.
const (
	Identical    Status = "identical"    // every value is equal to the baseline's to the bit, seed by seed: nothing to test
	Pass         Status = "pass"         // no worsening beyond the margin is shown, at the power stated
	TooGood      Status = "too-good"     // better than the noise explains, or than real data: passes, with a warning
	Inconclusive Status = "inconclusive" // the runs cannot tell, or there are none
	Changed      Status = "changed"      // a value that a rule wants equal to the bit is not
	Regression   Status = "regression"   // worse by more than the margin, beyond chance
)

// Statuses returns the states from the best to the worst. A verdict's status is its worst check's, where too-good counts as pass.
func Statuses() []Status {
	return []Status{Identical, Pass, TooGood, Inconclusive, Changed, Regression}
}

// The families of checks. Each has its own share of the false alarms (see docs/GATE.md).
const (
	Values   = "values"   // a measure of a model on a data set, failed runs ranking last
	Failures = "failures" // its rate of failed runs
)

// The scales on which a worsening is measured.
const (
	Ratio  = "ratio"  // of two values that are positive: a Fréchet distance
	Ideal  = "ideal"  // of two distances from the ideal, which the measure cannot pass: a share, whose ideal is 1
	Spread = "spread" // a difference, in standard deviations of the baseline's runs: a measure that may be negative or has no ideal
	Rate   = "rate"   // a difference of failure rates
)

// Check is one comparison: a measure of a model on a data set, or its failure rate (Measure.Metric "").
type Check struct {
	Model   string          `json:"model"`
	Dataset string          `json:"dataset"`
	Measure reports.Measure `json:"measure"`
	Better  string          `json:"better,omitempty"` // lower or higher; empty for the failure rate, which is better lower
	Family  string          `json:"family"`           // values or failures
	Status  Status          `json:"status"`
	Reason  string          `json:"reason"`          // one sentence without the check's name
	Rule    string          `json:"rule,omitempty"`  // the rule that set margin, direction or seeds, by file and line
	Notes   []string        `json:"notes,omitempty"` // doubts that do not change the status: unreliable values, a raised margin

	Test       string `json:"test,omitempty"` // of P: "signed-rank and Mann-Whitney", "Mann-Whitney", "Fisher"; empty where nothing was tested
	N          int    `json:"n"`              // candidate runs, failed ones included
	NBase      int    `json:"n_baseline"`
	Pairs      int    `json:"pairs"` // runs of one seed on both sides
	Equal      int    `json:"equal"` // pairs that are equal to the bit
	Failed     int    `json:"failed"`
	FailBase   int    `json:"failed_baseline"`
	Unreliable int    `json:"unreliable"` // candidate values that carry a warning not to lean on them

	Median     reports.Float `json:"median"` // of the values, or the failure rate; "inf" or "-inf" where half of the runs failed
	MedianBase reports.Float `json:"median_baseline"`

	Scale   string        `json:"scale"`       // what Worse, its bounds, Margin and Detectable are measured in; see the scales
	Worse   reports.Float `json:"worse"`       // estimated worsening: on the scales ratio and ideal 0.1 is 10 % worse, negative is better
	WorseLo reports.Float `json:"worse_lower"` // one-sided bounds, each at 95 %
	WorseHi reports.Float `json:"worse_upper"`

	Margin     reports.Float `json:"margin"`      // largest worsening that is accepted
	MarginFrom string        `json:"margin_from"` // "rule", "flag", "noise of the runs", "noise of the differences", "floor"
	RawP       float64       `json:"raw_p"`       // one-sided exact, of "worse by no more than the margin"
	P          float64       `json:"p"`           // the same after Holm over the family
	Level      float64       `json:"level"`       // P at or below it is a regression
	Detectable reports.Float `json:"detectable"`  // smallest worsening that this check finds with the verdict's power, by resampling the baseline; "inf": none
	Needed     int           `json:"seeds_needed,omitempty"`
}

// Name is the check in words: "wgan on ring: fd (glyphnet)".
func (c Check) Name() string { return c.Model + " on " + c.Dataset + ": " + c.What() }

// What is what the check compares: "fd (glyphnet)", "failure rate", or "runs" where there are none.
func (c Check) What() string {
	switch f := c.Measure.Featurizer; {
	case c.Measure.Metric != "" && f != "" && f != "none":
		return c.Measure.Metric + " (" + f + ")"
	case c.Measure.Metric != "":
		return c.Measure.Metric
	case c.N == 0:
		return "runs"
	}
	return "failure rate"
}

// Change is the estimated worsening with its bounds in words: "+80 % [+62, +98]", "-3.1 %", "+1.2 sd"; "identical" and "" where there is none.
func (c Check) Change() string {
	switch v := float64(c.Worse); {
	case c.Status == Identical:
		return "identical"
	case math.IsNaN(v) || c.Test == "" && v == 0:
		return ""
	case math.IsNaN(float64(c.WorseLo)) || math.IsInf(float64(c.WorseLo), 0) && math.IsInf(float64(c.WorseHi), 0):
		return c.worsening(v)
	}
	unit := c.unit()
	return fmt.Sprintf("%s [%s, %s]", c.worsening(float64(c.Worse)), strings.TrimSuffix(c.worsening(float64(c.WorseLo)), unit), strings.TrimSuffix(c.worsening(float64(c.WorseHi)), unit))
}

func (c Check) unit() string {
	switch c.Scale {
	case Spread:
		return " sd"
	case Rate:
		return " points"
	}
	return " %"
}

// worsening writes a worsening with its sign and unit. Ratios of ten and more are factors: "x100".
func (c Check) worsening(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "+∞"
	case math.IsInf(v, -1):
		return "-∞"
	case c.Scale == Spread:
		return fmt.Sprintf("%+.2g%s", v, c.unit())
	case v >= 9:
		return "x" + reports.Number(1+v)
	}
	return fmt.Sprintf("%+.3g%s", 100*v, c.unit())
}

// Counts says how many checks are in each state.
type Counts struct {
	Checks       int `json:"checks"`
	Identical    int `json:"identical"`
	Pass         int `json:"pass"`
	TooGood      int `json:"too_good"`
	Inconclusive int `json:"inconclusive"`
	Changed      int `json:"changed"`
	Regression   int `json:"regression"`
}

// Family is what one family of checks may do.
type Family struct {
	Name   string  `json:"name"`   // values, failures
	Checks int     `json:"checks"` // tested ones: those equal to the bit, and those without runs, take no part
	Level  float64 `json:"level"`  // chance that any of them is wrongly called a regression, at most
	Method string  `json:"method"` // "Holm"

	asked int // checks, with those that too few seeds leave out
}

// Change is a difference in how the two sides were made: a setting, a hash, a size, a build.
type Change struct {
	Model   string `json:"model,omitempty"` // empty: everywhere
	Dataset string `json:"dataset,omitempty"`
	Name    string `json:"name"` // "width", "build", "processor"
	From    string `json:"from"` // of the baseline; "" where it had none
	To      string `json:"to"`
}

// String is the change in words: "width 32 -> 4".
func (c Change) String() string {
	word := func(s string) string {
		if s == "" {
			return "none"
		}
		return s
	}
	return c.Name + " " + word(c.From) + " -> " + word(c.To)
}

// Side is where the records of one side come from.
type Side struct {
	File    string   `json:"file,omitempty"` // filled in by the command
	Seeds   []uint64 `json:"seeds"`
	Builds  []string `json:"builds"`
	Kernels []string `json:"kernels"`
	CPUs    []string `json:"cpus"`
	Date    string   `json:"date,omitempty"`     // of the baseline, as 2026-01-31
	AgeDays int      `json:"age_days,omitempty"` // of the baseline, on the day of the verdict
	Reason  string   `json:"reason,omitempty"`   // why the baseline was made or updated
}

// Verdict is what the gate says, with everything behind it. Renderers need nothing else.
type Verdict struct {
	Status   Status   `json:"status"`
	Alpha    float64  `json:"alpha"` // chance of a false alarm aimed at, over all values
	Power    float64  `json:"power"` // at which the smallest detectable worsening is stated
	Counts   Counts   `json:"counts"`
	Families []Family `json:"families"`
	Baseline Side     `json:"baseline"`
	Run      Side     `json:"run"`
	Changes  []Change `json:"changes,omitempty"`  // how the two sides differ besides the values
	Warnings []string `json:"warnings,omitempty"` // one line each: too good, an old baseline, checks that can never fail
	Checks   []Check  `json:"checks"`             // worst first, then by data set and model

	Calibration *Calibration `json:"calibration,omitempty"` // A/A rate and power of this suite and baseline; nil unless asked for
}

// Calibration is what simulated nights say about the gate with this baseline and these settings.
type Calibration struct {
	Nights       int          `json:"nights"`
	Runs         int          `json:"runs"`         // candidate runs of each model and data set
	Alarms       float64      `json:"alarms"`       // share of nights with a regression when nothing changed, over fresh baselines too
	AlarmsWorst  float64      `json:"alarms_worst"` // the same with the unluckiest of the stored baselines, for as long as it is kept
	Baselines    int          `json:"baselines"`    // how many were simulated for it
	Inconclusive float64      `json:"inconclusive"` // share of nights without a regression where some check is inconclusive
	Naive        float64      `json:"naive"`        // share of nights on which "more than 5 % above the best stored run" alarms
	Power        []PowerPoint `json:"power"`        // in ascending order of Worse
}

// PowerPoint is how often a worsening of one check alone is found.
type PowerPoint struct {
	Worse  float64 `json:"worse"`  // 0.1 is 10 % worse
	Fresh  float64 `json:"fresh"`  // share of nights it is found on when seeds are drawn afresh, mean over the checks
	Paired float64 `json:"paired"` // the same when the seeds are the baseline's and nothing else changed
	Least  float64 `json:"least"`  // Fresh of the check that shows it worst
}

// Count fills in Counts and Status from the checks.
func (v *Verdict) Count() {
	v.Counts = Counts{Checks: len(v.Checks)}
	v.Status = Pass
	for _, c := range v.Checks {
		*v.Counts.of(c.Status)++
	}
	switch n := v.Counts; {
	case n.Regression > 0:
		v.Status = Regression
	case n.Changed > 0:
		v.Status = Changed
	case n.Inconclusive > 0:
		v.Status = Inconclusive
	case n.Checks > 0 && n.Identical == n.Checks:
		v.Status = Identical
	}
}

func (n *Counts) of(s Status) *int {
	switch s {
	case Identical:
		return &n.Identical
	case TooGood:
		return &n.TooGood
	case Inconclusive:
		return &n.Inconclusive
	case Changed:
		return &n.Changed
	case Regression:
		return &n.Regression
	default:
		return &n.Pass
	}
}

// Failed says whether a build should fail: a regression, or a value that had to be equal to the bit.
func (v *Verdict) Failed() bool { return v.Status == Regression || v.Status == Changed }
