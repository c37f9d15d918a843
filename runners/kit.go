package runners

import (
	"context"
	"slices"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// RawFeaturizer is the featurizer that gives the samples as they are. Only in its space are the modes of a mixture known.
const RawFeaturizer = "none"

// Kit is what suites can name. Append to the slices of DefaultKit to bring parts of your own:
//
//	kit := runners.DefaultKit()
//	kit.Metrics = append(kit.Metrics, mine)
type Kit struct {
	Datasets    []datasets.Dataset
	Models      []zoo.Model
	Featurizers []featurizer.Maker
	Metrics     []metrics.Metric
	Formats     []reports.Format // of reports

	Bibliography string // BibTeX of the sources that parts of one's own name in their Paper; those of what ships are known
	Version      string // what the program calls itself, in records too; "": the linker's word, else the commit it was built from

	train func(zoo.Model, zoo.Config) (session, error) // nil: zoo.New; tests put a quick one here
}

// DefaultKit is everything that ships, the control samplers among the models.
func DefaultKit() Kit {
	return Kit{Datasets: datasets.All(), Models: slices.Concat(zoo.All(), zoo.Controls()), Featurizers: featurizer.All(), Metrics: metrics.All(), Formats: reports.Formats()}
}

// session is what the runner asks of a model in training.
type session interface {
	Train(ctx context.Context, o zoo.TrainOptions) error
	Sample(ctx context.Context, n int, labels []int, seed uint64) (*datasets.Samples, error)
	Sources(n int) *datasets.Samples
	Step() int
	Cost() zoo.Cost
	Curves() []zoo.Curve
}

var _ session = (*zoo.Session)(nil)

func (k Kit) session(m zoo.Model, c zoo.Config) (session, error) {
	if k.train != nil {
		return k.train(m, c)
	}
	s, err := zoo.New(m, c)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Dataset finds a data set by its id; the error lists the ids there are and the nearest one, as those of the other lookups do.
func (k Kit) Dataset(id string) (datasets.Dataset, error) {
	return find("data set", id, k.Datasets, func(d datasets.Dataset) string { return d.Info().ID })
}

// Model finds a model by its id.
func (k Kit) Model(id string) (zoo.Model, error) {
	return zoo.Find(k.Models, id)
}

// Metric finds a metric by its id, or by the name of a value, which is then all it shows.
func (k Kit) Metric(id string) (metrics.Metric, error) { return metrics.Find(k.Metrics, id) }

// Format finds a format of reports by its id.
func (k Kit) Format(id string) (reports.Format, error) { return reports.Lookup(k.Formats, id) }

// Featurizer makes a featurizer from its specification, such as "pca(64,pixels)".
func (k Kit) Featurizer(ctx context.Context, spec string, env featurizer.Env) (featurizer.Featurizer, error) {
	if featurizer.Outside(spec) {
		return featurizer.Open(ctx, spec, env)
	}
	s, err := featurizer.ParseSpec(spec)
	if err != nil {
		return nil, err
	}
	m, err := k.maker(s.Name)
	if err != nil {
		return nil, err
	}
	env.Makers = k.Featurizers
	return m.Open(ctx, s, env)
}

func (k Kit) maker(name string) (featurizer.Maker, error) {
	return find("featurizer", name, k.Featurizers, func(m featurizer.Maker) string { return m.Name })
}

// fitted says whether a part of a specification is fitted on the reference set.
func (k Kit) fitted(spec string) bool {
	if featurizer.Outside(spec) {
		return false
	}
	s, err := featurizer.ParseSpec(spec)
	if err != nil {
		return false // opening it says why
	}
	var any func(s featurizer.Spec) bool
	any = func(s featurizer.Spec) bool {
		m, err := k.maker(s.Name)
		return err == nil && m.Fitted || slices.ContainsFunc(s.Args, any)
	}
	return any(s)
}

// Classifier is the specification of the classifier that ships for a data set; "" where none does.
func (k Kit) Classifier(set string) string {
	for _, m := range k.Featurizers {
		if set != "" && m.Classifies == set {
			return m.Name
		}
	}
	return ""
}

// FeaturizerID checks a specification and returns its canonical form. One of the catalog is not opened; a file or program of the user's must be there.
func (k Kit) FeaturizerID(spec string) (string, error) {
	if featurizer.Outside(spec) {
		_, err := featurizer.Open(context.Background(), spec, featurizer.Env{})
		return spec, err
	}
	s, err := featurizer.ParseSpec(spec)
	if err != nil {
		return "", err
	}
	_, err = k.maker(s.Name)
	return s.String(), err
}

// open makes a featurizer for a data set; one that is fitted sees the reference domain's training split.
func (k Kit) open(ctx context.Context, id string, set *datasets.Set, env featurizer.Env) (featurizer.Featurizer, error) {
	env.Reference = set.Train
	if set.Target != nil {
		env.Reference = set.Target.Train
	}
	return k.Featurizer(ctx, id, env)
}

func find[T any](kind, id string, all []T, name func(T) string) (T, error) {
	have := make([]string, len(all))
	for i, v := range all {
		if have[i] = name(v); have[i] == id {
			return v, nil
		}
	}
	var none T
	return none, suggest.Unknown(kind, id, have)
}

// weightsHash is the part of a fingerprint that names the weights, "" where there are none.
func weightsHash(f featurizer.Featurizer) string {
	return strings.TrimLeft(strings.TrimPrefix(f.Fingerprint(), f.ID()), "@")
}
