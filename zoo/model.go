package zoo

import "github.com/assay-gan/assay/datasets"

// Family groups models by what they optimise.
type Family string

// The families.
const (
	Adversarial Family = "adversarial"
	Likelihood  Family = "likelihood"
	Diffusion   Family = "diffusion" // noise to data by small steps along a learned field: flows, diffusion
	Translation Family = "translation"
	Control     Family = "control" // no learning of interest: samples whose faults are known
)

// Info is a model's claims about itself; zootest checks them.
type Info struct {
	ID          string // name in configurations and records: [a-z0-9-]
	Title       string
	Paper       string // bib label
	Objective   string // what the turns minimise, in one line; s is the logistic function, E a batch mean, D(G) the answer on samples
	Family      Family
	Kinds       []datasets.Kind
	Conditional bool // Sample takes the class to draw; a translation model's classes are the domains to translate to
	Paired      bool // learns from pairs: the data set's domains must be paired
	Settings    []Setting
}

// Setting is one hyper-parameter: its name in configurations, its default, its range and its meaning.
type Setting struct {
	Name    string
	Default string                   // for every kind of data, unless ByKind has one
	ByKind  map[datasets.Kind]string // defaults that depend on the kind of data
	Paper   map[datasets.Kind]string // the value of the preset "paper", for the kinds of data where the default is another
	Doc     string
	Lo, Hi  float64  // allowed range of a number, inclusive; ignored for words
	Choices []string // allowed words; nil for numbers
	Integer bool
	Means   Meaning // what it does in training, which decides the range a search draws it from; "" where none does
	Drawing bool    // concerns the drawing of samples alone: may be changed on a trained model, see Session.Set
}

// Model is a recipe: what it is, and how it is put together on a builder.
type Model interface {
	Info() Info
	// Build declares networks, turns and the sample program on b. It may panic with the typed errors of nn, which New turns into errors.
	Build(b *Builder) error
}
