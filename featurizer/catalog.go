package featurizer

import (
	"context"
	"fmt"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/program"
	"github.com/assay-gan/assay/internal/suggest"
)

// Env is what a featurizer may need beyond its specification. Every field is optional; an error names a missing one.
type Env struct {
	DataDir  string // folder with data files (mnistnet)
	CacheDir string // where trained and fetched weights are kept; "" means ASSAY_CACHE, else the user's cache folder
	Weights  string // file with the weights of a network that is not embedded (inception)

	// Reference is the set that a fitted featurizer (pca) is fitted on: the real side's training samples.
	Reference *datasets.Samples
	// Makers are the families that a specification may name inside of another one, as in pca(64,mine); nil means All.
	Makers []Maker
	// Progress is told the stage and the done share (0..1) of long work; may be nil.
	Progress func(stage string, share float64)
}

func (e Env) progress(stage string, share float64) {
	if e.Progress != nil {
		e.Progress(stage, share)
	}
}

// Maker is one family of featurizers in the catalog.
type Maker struct {
	Name  string // the part of the specification before the parenthesis
	Usage string // the whole form, e.g. pca(k,inner)
	Title string // one line for people
	Needs string // what Env must hold, for people; "" for nothing
	Paper string // bib label of the source, "" where there is none
	Trial string // a configuration that the law suite opens with a Reference alone; "" where files are needed
	Slow  bool   // the Trial takes minutes: ASSAY_LONG=1

	Fitted     bool   // on Env.Reference: whoever opens it brings the real samples
	Classifies string // id of the data set whose classes its logits are of; "" for none that ships

	Open func(ctx context.Context, spec Spec, env Env) (Featurizer, error)
}

// All lists the featurizers.
func All() []Maker {
	return []Maker{
		noneMaker(),
		pixelsMaker(),
		pcaMaker(),
		glyphnetMaker(),
		mnistnetMaker(),
		stackedMaker(),
		inceptionMaker(),
		inceptionRandomMaker(),
		vgg16Maker(),
		vgg16RandomMaker(),
		clipMaker(),
		dinov2Maker(),
		netMaker(),
		execMaker(),
	}
}

// Lookup finds a family by name. The error lists the known names and the nearest one.
func Lookup(name string) (Maker, error) { return lookup(All(), name) }

func lookup(makers []Maker, name string) (Maker, error) {
	var names, usage []string
	for _, m := range makers {
		if m.Name == name {
			return m, nil
		}
		names, usage = append(names, m.Name), append(usage, m.Usage)
	}
	return Maker{}, fmt.Errorf("unknown featurizer %q%s have %s", name, suggest.Hint(name, names), strings.Join(usage, " "))
}

// Open makes the featurizer of a specification such as "pca(64,pixels)", of a command line such as "exec:python3 encode.py", or of a
// network file such as "net:encoder.safetensors". Training or
// fitting that it takes stops with the context.
func Open(ctx context.Context, spec string, env Env) (Featurizer, error) {
	if Outside(spec) {
		return openOutside(spec)
	}
	s, err := ParseSpec(spec)
	if err != nil {
		return nil, err
	}
	return open(ctx, s, env)
}

// Outside says whether a specification names a file or a program of the user's instead of a featurizer of the catalog: "net:FILE", "exec:PROGRAM ...". Open
// needs nothing else to make it, so opening is also the check that it is there. Opening runs nothing.
func Outside(spec string) bool {
	return RunsProgram(spec) || strings.HasPrefix(spec, netPrefix)
}

// RunsProgram says whether the featurizer of a specification runs a program when it featurizes: "exec:PROGRAM ...", with a version or
// without.
func RunsProgram(spec string) bool {
	_, _, ok := program.Cut(spec)
	return ok
}

func openOutside(spec string) (Featurizer, error) {
	if command, version, ok := program.Cut(spec); ok {
		return NewExec(command, version)
	}
	return OpenNet(strings.TrimPrefix(spec, netPrefix))
}

func open(ctx context.Context, s Spec, env Env) (Featurizer, error) {
	makers := env.Makers
	if makers == nil {
		makers = All()
	}
	m, err := lookup(makers, s.Name)
	if err != nil {
		return nil, err
	}
	return m.Open(ctx, s, env)
}
