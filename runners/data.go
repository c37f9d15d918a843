package runners

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
)

// once computes a value for a key at most once, also when several cells ask at the same time. An error is kept too: it would come again.
type once[V any] struct {
	mu    sync.Mutex
	calls map[string]func() (V, error)
}

func (o *once[V]) get(key string, compute func() (V, error)) (V, error) {
	o.mu.Lock()
	if o.calls == nil {
		o.calls = map[string]func() (V, error){}
	}
	f, ok := o.calls[key]
	if !ok {
		f = sync.OnceValues(compute)
		o.calls[key] = f
	}
	o.mu.Unlock()
	return f()
}

// loaded is a data set with its content hash.
type loaded struct {
	*datasets.Set
	hash string
}

// store keeps what cells share: data sets, featurizers and the features of real samples. All of it is a function of its key.
type store struct {
	kit         Kit
	env         featurizer.Env // DataDir is where data files lie
	cache       string         // folder of the features of real samples, "" for none
	data        once[loaded]
	featurizers once[featurizer.Featurizer]
	features    once[*featurizer.Output]
	shared      metrics.Shared // what the cells' scores have in common, of those features
}

// set loads a cell's data set.
func (s *store) set(ctx context.Context, c Cell) (loaded, error) {
	key, err := json.Marshal(c.Data)
	if err != nil {
		return loaded{}, err
	}
	return s.data.get(c.Dataset+string(key), func() (loaded, error) {
		d, err := s.kit.Dataset(c.Dataset)
		if err != nil {
			return loaded{}, err
		}
		set, err := d.Load(ctx, datasets.Options{Dir: s.env.DataDir, Seed: c.Data.Seed, Train: c.Data.Train, Test: c.Data.Test, Hold: c.Data.Hold, Params: c.Data.Params})
		if err != nil {
			return loaded{}, err
		}
		return loaded{set, set.Hash()}, nil
	})
}

// open makes a featurizer, fitted to the data set where it learns from data.
func (s *store) open(ctx context.Context, id string, set loaded) (featurizer.Featurizer, error) {
	return s.featurizers.get(id+" "+set.hash, func() (featurizer.Featurizer, error) {
		return s.kit.open(ctx, id, set.Set, s.env)
	})
}

// real returns the features of the first n samples of a split.
func (s *store) real(ctx context.Context, f featurizer.Featurizer, set loaded, split string, n int) (*featurizer.Output, *datasets.Samples, error) {
	samples, err := set.split(split)
	if err != nil {
		return nil, nil, err
	}
	samples = samples.Slice(0, min(n, samples.Len()))
	out, err := s.features.get(fmt.Sprintf("%s %s %s %d", set.hash, f.Fingerprint(), split, samples.Len()), func() (*featurizer.Output, error) {
		if s.cache != "" {
			f = featurizer.Cached(f, s.cache)
		}
		made, failed := f.Featurize(ctx, samples)
		if failed == nil {
			s.shared.Keep(made.Features)
		}
		return made, failed
	})
	return out, samples, err
}

// split is a reference set by name: of the target domain where the set has one, because that is what a translation model must match.
func (l loaded) split(name string) (*datasets.Samples, error) {
	train, test, hold := l.Train, l.Test, l.Hold
	if l.Target != nil {
		train, test, hold = l.Target.Train, l.Target.Test, l.Target.Hold
	}
	s := map[string]*datasets.Samples{"train": train, HoldOut: hold}[name]
	if name == "test" {
		s = test
	}
	if s == nil || s.Len() < 2 {
		return nil, fmt.Errorf("data set %s has no %s split to compare with", l.Info.ID, name)
	}
	return s, nil
}

// law is the known distribution behind the reference splits, or nil.
func (l loaded) law() datasets.Law {
	if l.Target == nil {
		return l.Distribution()
	}
	if l.Target.Truth == nil {
		return nil
	}
	return l.Target.Truth
}

// truth is the mixture of known modes behind the reference splits, or nil.
func (l loaded) truth() *datasets.Mixture {
	if l.Target != nil {
		return l.Target.Truth
	}
	return l.Truth
}
