package reports

import "slices"

// Cause says of what kind a failure is. The set is closed: programs count by it.
type Cause string

// The causes. The empty one belongs to records that were made before causes were kept, and to metrics that cannot be had from a model or a data set.
const (
	NotANumber  Cause = "nan"        // a loss, a gradient or a sample became NaN
	Diverged    Cause = "divergence" // one of them left the range of its numbers, or a value of the samples did
	Collapsed   Cause = "collapse"   // all samples are one and the same, and no value can be computed of them
	OutOfMemory Cause = "memory"     // the cell needs more memory than there is
	TimedOut    Cause = "timeout"    // a program or a worker took longer than it was given
	Crashed     Cause = "crash"      // a panic, or a program that ended with an error
	BadSettings Cause = "settings"   // the settings cannot be used with this data set
	Unmeasured  Cause = "metric"     // the samples are there and the metric cannot measure them
	Broken      Cause = "machine"    // what the machine did: a file that cannot be read, a worker that was lost
)

// Causes lists them.
func Causes() []Cause {
	return []Cause{NotANumber, Diverged, Collapsed, OutOfMemory, TimedOut, Crashed, BadSettings, Unmeasured, Broken}
}

// Deterministic says whether the same cell fails in the same way whenever it runs, so that trying again is of no use.
func (c Cause) Deterministic() bool {
	return slices.Contains([]Cause{NotANumber, Diverged, Collapsed, BadSettings, Unmeasured}, c)
}

// Infrastructure says whether the failure is the machine's and says nothing about the model: such a cell is tried again whenever its run goes on.
func (c Cause) Infrastructure() bool { return c == Broken }

func causeNames() []string {
	var names []string
	for _, c := range Causes() {
		names = append(names, string(c))
	}
	return names
}
