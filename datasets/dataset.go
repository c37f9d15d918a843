package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

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
	Classes []string // names of the labels; nil for unlabelled sets and where the files decide
	Files   string   // what must lie in the data folder, "" for embedded or synthetic sets
	Paper   string   // bib label of the source
	License string   // licence and origin of the data
	Params  []Param  // what Options.Params may set
	Sizes   Sizes    // default sizes of the splits; zero where the files decide
	Target  bool     // the set has a second domain (Set.Target) to translate to
	Paired  bool     // sample i of every split of the target domain belongs to sample i of the set's own (Domain.Paired)
	Domains bool     // the labels are domains of one set (Set.Move)
	Known   bool     // the distribution is known: Set.Distribution, or the target domain's Truth where there is one
}

// Param is one number a data set can be loaded with: its name in Options.Params, default, allowed range (inclusive) and meaning.
type Param struct {
	Name    string
	Default float64
	Lo, Hi  float64
	Integer bool
	Doc     string
}

// Sizes are numbers of samples per split.
type Sizes struct{ Train, Test, Hold int }

// Options say which data to load.
type Options struct {
	Dir    string // folder with files (--data); "" means DefaultDir(); unused by synthetic sets
	Seed   uint64 // of synthetic sets and of random splits
	Train  int    // wanted sizes of the splits; 0 means the set's default (files: all that is there, and no hold-out)
	Test   int
	Hold   int
	Params map[string]float64 // numbers of the set, see Info.Params; unknown names are an error
}

// Set is a loaded data set. The splits never overlap. Hold may be empty.
type Set struct {
	Info       Info
	Train      *Samples
	Test       *Samples
	Hold       *Samples
	Truth      *Mixture                       // the generating distribution, where it is a mixture of known modes; else nil
	Law        Law                            // the generating distribution of points that has no modes to speak of; nil where it is not known, and beside Truth
	Valid      func(sample []float32) bool    // says whether one sample could belong to the set at all, where that can be decided exactly; else nil
	Distance   func(sample []float32) float64 // squared distance of one sample from the nearest that the set could hold, where that can be found; else nil
	Target     *Domain                        // the second domain of a translation set; else nil
	Move       Move                           // the links between the domains that the labels name; else nil
	Vocabulary *Vocabulary                    // tokens of a set of sequences; nil for other kinds
	Oracle     *Oracle                        // the generating distribution of sequences, where it is known; else nil
	Tokens     *Tokens                        // palette indices of the images, for sets that are drawn from a palette; else nil
	Files      *Files                         // what a set of files was read from; nil for others
	Warnings   []string                       // doubts about the files, one line each
}

// Files is where the images of a set come from, and which they are.
type Files struct {
	Path    string `json:"path"`
	Kind    string `json:"kind"`     // folder, zip or tar
	N       int    `json:"n"`        // images, over all splits
	Content string `json:"content"`  // imaging.Content's hash of the images as they were decoded, before any crop or resize
	Left    int    `json:"left_out"` // files that are no part of the set; Warnings name them
}

// Domain is the other side of a translation set. In an unpaired set its samples were made from other draws than the set's own splits; there is a map that links
// the two, which a model never sees and a metric may use. In a paired set sample i of a split was made from sample i of the same split of the set, by a law
// that leaves a choice: there is no map, but every right answer is known.
type Domain struct {
	Train, Test, Hold *Samples
	Truth             *Mixture                         // of the target samples, where known; else nil
	Correspond        func(sample []float32) []float32 // the true image of a source sample, as a new slice; nil for paired sets
	Inverse           func(sample []float32) []float32 // the way back, nil where Correspond loses information
	Paired            bool                             // sample i of each split belongs to sample i of the set's own split
	Answers           func(i int) Answers              // what sample i of the set's test split may become; nil for unpaired sets
}

// Answers are all right translations of one sample. An output is one of them if its root mean square difference from it, over its values, is at most Within.
type Answers struct {
	Right  [][]float32
	Within float64
}

// Move gives the true image of a sample of one domain in another, as a new slice. Move(x, k, k) is x.
type Move func(sample []float32, from, to int) []float32

// Tokens hold images as palette indices: row after row, H*W indices a sample, in the order of the set's splits.
type Tokens struct {
	Palette           [][3]uint8 // RGB of every index
	Train, Test, Hold []uint16
}

// Dataset loads one data set. The context stops long loads.
type Dataset interface {
	Info() Info
	Load(ctx context.Context, o Options) (*Set, error)
}

// Hash is the sha256 over the content of every split, of the target domain too, in hexadecimal: the name of this data in records.
func (s *Set) Hash() string {
	h := sha256.New()
	part := func(name string, p *Samples) {
		if p != nil && p.Len() > 0 {
			fmt.Fprintf(h, "%s %s\n", name, p.Hash())
		}
	}
	fmt.Fprintf(h, "assay set 1\n")
	part("train", s.Train)
	part("test", s.Test)
	part("hold", s.Hold)
	if t := s.Target; t != nil {
		part("target train", t.Train)
		part("target test", t.Test)
		part("target hold", t.Hold)
	}
	return hex.EncodeToString(h.Sum(nil))
}
