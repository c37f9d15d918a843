package featurizertest

import (
	"context"
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/internal/kernel"
)

var idPattern = regexp.MustCompile(`^[a-z0-9.,()-]+$`)

// probTol bounds |sum of a row of probabilities - 1|: softmax in float32 over a thousand classes.
const probTol = 1e-5

// Family checks what a family of featurizers says of itself and that it opens: names, the Trial where it needs no files, whose id must be the Trial itself, and
// the source, which is one of the module's bibliography or of more of them in BibTeX, for a featurizer of one's own. It returns the opened Trial for Laws, nil
// where there is none.
func Family(t *testing.T, m featurizer.Maker, env featurizer.Env, bibliographies ...string) featurizer.Featurizer {
	t.Helper()
	if !idPattern.MatchString(m.Name) || m.Title == "" || !strings.HasPrefix(m.Usage, m.Name) || m.Open == nil {
		t.Fatalf("incomplete: %+v", m)
	}
	if m.Paper != "" {
		if _, err := cite.Lookup(m.Paper, bibliographies...); err != nil {
			t.Error(err)
		}
	}
	if m.Trial == "" {
		if m.Needs == "" {
			t.Errorf("%s needs nothing and yet has no Trial", m.Name)
		}
		return nil
	}
	spec, err := featurizer.ParseSpec(m.Trial)
	if err != nil {
		t.Fatal(err)
	}
	f, err := m.Open(context.Background(), spec, env)
	if err != nil {
		t.Fatal(err)
	}
	if f.ID() != m.Trial {
		t.Errorf("opened %q, its id is %q", m.Trial, f.ID())
	}
	return f
}

// Laws checks a featurizer on samples (at least 9) that it accepts: the id's characters, the fingerprint, the dimension, finite values, rows of
// probabilities that sum to 1, input untouched, the same bits again, for every batch size and for one and two threads, a cancelled context
// and an empty set refused.
func Laws(t *testing.T, f featurizer.Featurizer, s *datasets.Samples) {
	t.Helper()
	if !idPattern.MatchString(f.ID()) {
		t.Errorf("id %q: want [a-z0-9.,()-]", f.ID())
	}
	if len(f.Fingerprint()) < len(f.ID()) || f.Fingerprint()[:len(f.ID())] != f.ID() {
		t.Errorf("fingerprint %q does not begin with the id %q", f.Fingerprint(), f.ID())
	}
	before := s.Hash()
	whole, err := f.Featurize(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	if s.Hash() != before {
		t.Fatal("the samples were changed")
	}
	contents(t, f, s, whole)
	again, err := f.Featurize(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a second call", whole, again, 0)
	for _, batch := range []int{1, 2, 7} {
		for lo := 0; lo < s.Len(); lo += batch {
			part, err := f.Featurize(context.Background(), s.Slice(lo, min(lo+batch, s.Len())))
			if err != nil {
				t.Fatal(err)
			}
			same(t, "a batch cut otherwise", whole, part, lo)
		}
	}
	old := kernel.Threads()
	for _, n := range []int{1, 2} {
		kernel.SetThreads(n)
		out, err := f.Featurize(context.Background(), s)
		if err != nil {
			t.Error(err)
			continue
		}
		same(t, "another number of threads", whole, out, 0)
	}
	kernel.SetThreads(old)
	refuses(t, f, s)
}

func contents(t *testing.T, f featurizer.Featurizer, s *datasets.Samples, out *featurizer.Output) {
	t.Helper()
	if n, d := out.Features.Dims(); n != s.Len() || f.Dim() != 0 && d != f.Dim() {
		t.Fatalf("features of %d x %d for %d samples and Dim %d", n, d, s.Len(), f.Dim())
	}
	for _, m := range []*mat.Dense{out.Features, out.Logits, out.Probs} {
		if m == nil {
			continue
		}
		if n, _ := m.Dims(); n != s.Len() {
			t.Errorf("%d rows for %d samples", n, s.Len())
		}
		for _, v := range m.RawMatrix().Data {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatal("a value is not finite")
			}
		}
	}
	if out.Probs == nil {
		return
	}
	for i := range s.Len() {
		sum := 0.0
		for _, v := range out.Probs.RawRowView(i) {
			if v < 0 {
				t.Errorf("row %d: probability %v", i, v)
			}
			sum += v
		}
		if math.Abs(sum-1) > probTol {
			t.Errorf("row %d: probabilities sum to %v", i, sum)
		}
	}
}

// same compares part with the rows of whole from lo on, bit for bit.
func same(t *testing.T, what string, whole, part *featurizer.Output, lo int) {
	t.Helper()
	names := []string{"features", "logits", "probabilities"}
	for k, pair := range [][2]*mat.Dense{{whole.Features, part.Features}, {whole.Logits, part.Logits}, {whole.Probs, part.Probs}} {
		if (pair[0] == nil) != (pair[1] == nil) {
			t.Fatalf("%s gives no %s", what, names[k])
		}
		if pair[0] == nil {
			continue
		}
		n, _ := pair[1].Dims()
		for i := range n {
			want := pair[0].RawRowView(lo + i)
			for j, v := range pair[1].RawRowView(i) {
				if math.Float64bits(v) != math.Float64bits(want[j]) {
					t.Fatalf("%s changes the %s of sample %d, number %d: %v, before %v", what, names[k], lo+i, j, v, want[j])
				}
			}
		}
	}
}

func refuses(t *testing.T, f featurizer.Featurizer, s *datasets.Samples) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.Featurize(ctx, s); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: error %v", err)
	}
	if _, err := f.Featurize(context.Background(), s.Slice(0, 0)); err == nil {
		t.Error("an empty set is accepted")
	}
}
