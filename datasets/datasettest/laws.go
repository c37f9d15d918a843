package datasettest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/threads"
)

// Laws reports every breach of the laws as an error of the test. The options say where files lie and how large the splits shall be; all three sizes must be
// given. The set's source, if it names one, is one of the module's bibliography, or of more of them in BibTeX, for a set of one's own.
func Laws(t *testing.T, d datasets.Dataset, o datasets.Options, bibliographies ...string) {
	t.Helper()
	for _, err := range Check(t.Context(), d, o, bibliographies...) {
		t.Error(err)
	}
}

// Check returns every breach of the laws by a data set: its description, shape and range, labels, sizes, determinism for any number of threads,
// splits that share nothing, truth that agrees with the samples, a target domain that does what its map says, and refusals of bad options.
func Check(ctx context.Context, d datasets.Dataset, o datasets.Options, bibliographies ...string) []error {
	c := &checker{id: d.Info().ID}
	c.info(d.Info(), bibliographies)
	given := maps.Clone(o.Params)
	set, err := d.Load(ctx, o)
	if err != nil {
		return append(c.breaches, fmt.Errorf("%s: does not load: %w", c.id, err))
	}
	if !maps.Equal(given, o.Params) {
		c.breach("Load changed the caller's parameters")
	}
	c.set(d.Info(), set, o)
	c.disjoint(set)
	c.truth("samples", set.Truth, set.Test)
	c.law(set.Distribution(), set.Test)
	c.valid(set)
	c.target(set)
	c.domains(set)
	c.tokens(set)
	c.sequences(ctx, set)
	c.deterministic(ctx, d, o, set)
	c.refusals(ctx, d, o)
	return c.breaches
}

type checker struct {
	id       string
	breaches []error
}

func (c *checker) breach(format string, args ...any) {
	c.breaches = append(c.breaches, fmt.Errorf("%s: "+format, append([]any{c.id}, args...)...))
}

var idPattern = regexp.MustCompile(`^[a-z0-9-]+$`)

// info: a description that a list can show and a configuration can use.
func (c *checker) info(i datasets.Info, bibliographies []string) {
	if !idPattern.MatchString(i.ID) {
		c.breach("id %q: want [a-z0-9-]", i.ID)
	}
	if i.Title == "" || i.License == "" {
		c.breach("title %q, license %q: both must say something", i.Title, i.License)
	}
	if i.Paper != "" {
		if _, err := cite.Lookup(i.Paper, bibliographies...); err != nil {
			c.breach("paper: %v", err)
		}
	}
	if i.Files == "" && (i.Shape == nil || i.Sizes.Train < 1 || i.Sizes.Test < 1 || i.Sizes.Hold < 1) {
		c.breach("a set without files must know its shape and default sizes")
	}
	seen := map[string]bool{}
	for _, p := range i.Params {
		if seen[p.Name] || p.Doc == "" || !(p.Lo <= p.Default && p.Default <= p.Hi) || p.Integer && p.Default != math.Trunc(p.Default) {
			c.breach("parameter %+v: a name twice, no doc, or a default out of its range", p)
		}
		seen[p.Name] = true
	}
}

// set: every split has the promised shape, size, range and labels.
func (c *checker) set(promised datasets.Info, s *datasets.Set, o datasets.Options) {
	if s.Info.ID != promised.ID || s.Info.Kind != promised.Kind {
		c.breach("loaded as %s (%s), described as %s (%s)", s.Info.ID, s.Info.Kind, promised.ID, promised.Kind)
	}
	if promised.Shape != nil && fmt.Sprint(promised.Shape) != fmt.Sprint(s.Info.Shape) {
		c.breach("shape %v, described as %v", s.Info.Shape, promised.Shape)
	}
	known := s.Distribution() != nil
	if s.Target != nil {
		known = s.Target.Truth != nil
	}
	if known != s.Info.Known || s.Info.Known != promised.Known {
		c.breach("the distribution is known: %t, described as %t and loaded as %t", known, promised.Known, s.Info.Known)
	}
	for _, p := range splits(s) {
		want := map[string]int{"train": o.Train, "test": o.Test, "hold": o.Hold}[strings.TrimPrefix(p.name, "target ")]
		if p.s == nil || p.s.Len() != want {
			c.breach("%s split is not of the %d samples asked for", p.name, want)
			continue
		}
		c.split(s.Info, p.name, p.s)
	}
}

func (c *checker) split(info datasets.Info, name string, s *datasets.Samples) {
	if fmt.Sprint(s.Shape) != fmt.Sprint(info.Shape) || s.IsImage() != (info.Kind == datasets.Images) {
		c.breach("%s samples have shape %v, the set %v (%s)", name, s.Shape, info.Shape, info.Kind)
	}
	if _, err := datasets.NewSamples(s.Shape, s.Data, s.Labels); err != nil {
		c.breach("%s: %v", name, err)
	}
	if (s.Labels != nil) != (info.Classes != nil) {
		c.breach("%s: labels %t but class names %t", name, s.Labels != nil, info.Classes != nil)
	}
	for i, l := range s.Labels {
		if l < 0 || l >= len(info.Classes) {
			c.breach("%s: label %d of sample %d, there are %d classes", name, l, i, len(info.Classes))
			return
		}
	}
	if info.Kind != datasets.Images {
		return
	}
	for i, v := range s.Data {
		level := (float64(v) + 1) * 127.5
		if level < 0 || level > 255 || math.Abs(level-math.Round(level)) > 1e-4 {
			c.breach("%s: value %d is %v, not one of the 256 levels of [-1, 1]", name, i, v)
			return
		}
	}
}

// disjoint: no row of one split is a row of another one, of either domain. In a paired set the pairs are what must differ: one number is soon drawn twice.
func (c *checker) disjoint(s *datasets.Set) {
	owner := map[string]string{}
	all := splits(s)
	if s.Target != nil && s.Target.Paired {
		all = all[:len(all)/2]
	}
	for k, p := range all {
		for i := range p.s.Len() {
			key := fmt.Sprint(p.s.Row(i))
			if len(all) < len(splits(s)) {
				key += fmt.Sprint(splits(s)[len(all)+k].s.Row(i))
			}
			if other, ok := owner[key]; ok && other != p.name {
				c.breach("sample %d of %s is in %s too", i, p.name, other)
				return
			}
			owner[key] = p.name
		}
	}
}

// tokens: where a set has palette indices, painting them gives the samples.
func (c *checker) tokens(s *datasets.Set) {
	if s.Tokens == nil {
		return
	}
	for _, p := range []struct {
		s *datasets.Samples
		t []uint16
	}{{s.Train, s.Tokens.Train}, {s.Test, s.Tokens.Test}, {s.Hold, s.Tokens.Hold}} {
		if len(p.t)*3 != len(p.s.Data) {
			c.breach("%d tokens for %d values", len(p.t), len(p.s.Data))
			continue
		}
		for i, v := range p.s.Data {
			if int(p.t[i/3]) >= len(s.Tokens.Palette) || math.Round((float64(v)+1)*127.5) != float64(s.Tokens.Palette[p.t[i/3]][i%3]) {
				c.breach("value %d is %v, which is not the colour of token %d", i, v, p.t[i/3])
				break
			}
		}
	}
}

// deterministic: the same options give the same bytes, on one thread too; another seed another synthetic set; a longer split begins with the shorter one.
func (c *checker) deterministic(ctx context.Context, d datasets.Dataset, o datasets.Options, s *datasets.Set) {
	before := threads.Count()
	threads.Set(1)
	again, err := d.Load(ctx, o)
	threads.Set(before)
	if err != nil || again.Hash() != s.Hash() {
		c.breach("a second load on one thread differs (%v)", err)
	}
	if d.Info().Files != "" {
		return
	}
	other := o
	other.Seed++
	if moved, err := d.Load(ctx, other); err != nil || moved.Train.Hash() == s.Train.Hash() {
		c.breach("another seed gives the same training samples (%v)", err)
	}
	other = o
	other.Train /= 2
	if short, err := d.Load(ctx, other); err != nil || short.Train.Hash() != s.Train.Slice(0, other.Train).Hash() || short.Test.Hash() != s.Test.Hash() {
		c.breach("a shorter training split is not the beginning of a longer one, or changes the test split (%v)", err)
	}
}

// refusals: options that cannot be are errors of the right kind, and a cancelled context stops the load.
func (c *checker) refusals(ctx context.Context, d datasets.Dataset, o datasets.Options) {
	refused := func(what string, kind error, change func(*datasets.Options)) {
		bad := o
		bad.Params = maps.Clone(o.Params)
		change(&bad)
		_, err := d.Load(ctx, bad)
		if !errors.Is(err, kind) || !strings.HasPrefix(err.Error(), c.id+":") || strings.Contains(err.Error(), "\n") {
			c.breach("%s: want one line that begins with the id and wraps %q, have %v", what, kind, err)
		}
	}
	param := func(name string, v float64) func(*datasets.Options) {
		return func(o *datasets.Options) {
			if o.Params == nil {
				o.Params = map[string]float64{}
			}
			o.Params[name] = v
		}
	}
	refused("unknown parameter", datasets.ErrOption, param("no-such", 1))
	for _, p := range d.Info().Params {
		refused(p.Name+" is NaN", datasets.ErrOption, param(p.Name, math.NaN()))
		refused(p.Name+" too large", datasets.ErrOption, param(p.Name, p.Hi+1))
		refused(p.Name+" too small", datasets.ErrOption, param(p.Name, p.Lo-1))
	}
	refused("negative train", datasets.ErrOption, func(o *datasets.Options) { o.Train = -1 })
	refused("negative test", datasets.ErrOption, func(o *datasets.Options) { o.Test = -1 })
	refused("negative hold", datasets.ErrOption, func(o *datasets.Options) { o.Hold = -1 })
	refused("absurd train", datasets.ErrOption, func(o *datasets.Options) { o.Train = math.MaxInt })
	refused("absurd hold", datasets.ErrOption, func(o *datasets.Options) { o.Hold = math.MaxInt })
	if d.Info().Files != "" {
		refused("no such folder", datasets.ErrMissing, func(o *datasets.Options) { o.Dir += "/no/such" })
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := d.Load(stopped, o); !errors.Is(err, context.Canceled) {
		c.breach("a cancelled load returns %v", err)
	}
}

type split struct {
	name string
	s    *datasets.Samples
}

// splits are all parts of a set, of both domains.
func splits(s *datasets.Set) []split {
	list := []split{{"train", s.Train}, {"test", s.Test}, {"hold", s.Hold}}
	if t := s.Target; t != nil {
		list = append(list, split{"target train", t.Train}, split{"target test", t.Test}, split{"target hold", t.Hold})
	}
	return list
}
