// Package datasets holds what models learn from: synthetic sets that carry their own truth, and readers of files on disk.
//
// Loading is deterministic: the same options give the same bytes, and the splits of one set never share a sample.
package datasets

import "context"

// Kind says what sort of sample a data set holds.
type Kind string

// The kinds of samples.
const (
	Points Kind = "points"
	Images Kind = "images"
)

// Info is what is known of a data set before it is loaded.
type Info struct {
	ID      string // name in configurations and records: [a-z0-9-]
	Title   string // one line for people
	Kind    Kind
	Shape   []int    // of one sample; nil where the files decide
	Classes []string // names of the labels; nil for unlabelled sets
	Files   string   // what must lie in the data folder, "" for embedded or synthetic sets
	Paper   string   // bib label of the source
	License string   // licence and origin of the data
}

// Options say which data to load.
type Options struct {
	Dir    string // folder with files (--data or ASSAY_DATA); unused by synthetic sets
	Seed   uint64 // of synthetic sets and of random splits
	Train  int    // wanted sizes of the splits; 0 means the set's default (all, for files)
	Test   int
	Hold   int
	Params map[string]float64 // numbers of synthetic sets, e.g. modes, radius, sigma; unknown names are an error
}

// Set is a loaded data set. The splits never overlap. Hold may be empty.
type Set struct {
	Info  Info
	Train *Samples
	Test  *Samples
	Hold  *Samples
	Truth *Mixture                    // the generating distribution, where it is known in closed form; else nil
	Valid func(sample []float32) bool // says whether one sample could belong to the set at all, where that can be decided exactly; else nil
}

// Dataset loads one data set. The context stops long loads.
type Dataset interface {
	Info() Info
	Load(ctx context.Context, o Options) (*Set, error)
}
