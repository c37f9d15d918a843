// Package zoo holds the generative models, one a file. A model's file reads paper, networks, losses, step, and holds only what differs from its
// relatives; everything else (batches, streams, optimisers, averages, checkpoints, resuming) is the trainer's.
package zoo

import "github.com/assay-gan/assay/datasets"

// Info is a model's claims about itself; zootest checks them.
type Info struct {
	ID          string // name in configurations and records: [a-z0-9-]
	Title       string
	Paper       string // bib label
	Family      string // adversarial, likelihood, translation
	Kinds       []datasets.Kind
	Conditional bool // Sample takes the class to draw
	Translation bool // learns from two unpaired domains
	Settings    []Setting
}

// Setting is one hyper-parameter: its name in configurations, default, range and meaning.
type Setting struct {
	Name    string
	Default string // for every kind of data, unless ByKind has one
	ByKind  map[datasets.Kind]string
	Doc     string
	Lo, Hi  float64  // allowed range of a number, inclusive; both 0 for words
	Choices []string // allowed words; nil for numbers
	Integer bool
}
