package source

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/rng"
)

// TestExplain: the contributions lead from one protocol's own distance to the other's, each knob once, and the ends are what the protocols
// give alone.
func TestExplain(t *testing.T) {
	dir := t.TempDir()
	s := rng.Stream(1, "explain")
	for i := range 12 {
		m := &imaging.Image{H: 20, W: 24, C: 3, Pix: make([]uint8, 20*24*3)}
		for j := range m.Pix {
			m.Pix[j] = uint8(s.IntN(120 + 10*(i%6)))
		}
		side := []string{"real", "fake"}[i/6]
		write(t, filepath.Join(dir, side, string(rune('a'+i))+".png"), pngOf(t, m))
	}
	real, fake := open(t, filepath.Join(dir, "real"), Options{}), open(t, filepath.Join(dir, "fake"), Options{})
	protocol := func(name string) featurizer.Protocol {
		p, err := featurizer.LookupProtocol(name)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	f, err := featurizer.Open(context.Background(), "inception-random(0,pytorch-fid,64)", featurizer.Env{})
	if err != nil {
		t.Fatal(err)
	}
	net := f.(*featurizer.Inception)
	features := func(ctx context.Context, s *Set, f featurizer.Featurizer) (*mat.Dense, error) {
		out, failed := f.(featurizer.EachFeaturizer).FeaturizeEach(ctx, len(s.Items), func(i int) (*imaging.Image, error) {
			m, _, bad := s.Image(i)
			return m, bad
		})
		if failed != nil {
			return nil, failed
		}
		return out.Features, nil
	}
	look := func(ctx context.Context, f featurizer.Featurizer) (*mat.Dense, *mat.Dense, error) {
		a, failed := features(ctx, real, f)
		if failed != nil {
			return nil, nil, failed
		}
		b, failed := features(ctx, fake, f)
		return a, b, failed
	}
	start, gap, err := Explain(context.Background(), net, protocol("pytorch-fid"), protocol("stylegan2-ada"), look)
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	total := start
	for _, g := range gap {
		fields = append(fields, g.Field)
		if g.Before != total {
			t.Errorf("%s begins at %v, the one before ended at %v", g.Field, g.Before, total)
		}
		if g.After == g.Before {
			t.Errorf("%s changes nothing", g.Field)
		}
		total = g.After
	}
	if len(fields) != 3 || fields[0] != "resampler" || fields[1] != "range" || fields[2] != "ddof" {
		t.Errorf("choices %v", fields)
	}
	end, none, err := Explain(context.Background(), net, protocol("stylegan2-ada"), protocol("stylegan2-ada"), look)
	if err != nil {
		t.Fatal(err)
	}
	if len(none) != 0 || math.Abs(end-total) > 1e-12*end {
		t.Errorf("the way ends at %v, the protocol alone gives %v", total, end)
	}
}
