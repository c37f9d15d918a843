package featurizer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/atomicfile"
)

// cached keeps a featurizer's outputs in files named by content.
type cached struct {
	Featurizer
	dir string
}

var _ Featurizer = (*cached)(nil)

// Cached returns f with its outputs kept in a folder. A file's name is the hash of the samples' content and of f's fingerprint (featurizer, protocol,
// weights), never of a path or a user's name, so it cannot be stale. A damaged file is computed anew; a folder that cannot be written costs
// the time, not the result. "none" and "pixels" are not worth keeping and come back as they are, and so do featurizers that Keeps denies.
func Cached(f Featurizer, dir string) Featurizer {
	if _, plain := f.(identity); plain || !Keeps(f) {
		return f
	}
	return &cached{f, dir}
}

// Keeps says whether what a featurizer made may be kept and used again: whether its fingerprint names all that decides its features. It is false for a
// program of the user's without a version.
func Keeps(f Featurizer) bool {
	p, ok := f.(interface{ unkept() bool })
	return !ok || !p.unkept()
}

// cacheKey names an output.
func cacheKey(content, fingerprint string) string {
	h := sha256.Sum256([]byte("assay features 1\n" + content + "\n" + fingerprint))
	return hex.EncodeToString(h[:])
}

func (c *cached) Featurize(ctx context.Context, s *datasets.Samples) (*Output, error) {
	if err := accept(ctx, c.ID(), s); err != nil {
		return nil, err
	}
	path := filepath.Join(c.dir, cacheKey(s.Hash(), c.Fingerprint())+".npz")
	if out := readOutput(path, s.Len()); out != nil {
		return out, nil
	}
	out, err := c.Featurizer.Featurize(ctx, s)
	if err != nil {
		return nil, err
	}
	writeOutput(path, out)
	return out, nil
}

// parts are the matrices of an output under the names they have in files.
func (o *Output) parts() map[string]**mat.Dense {
	return map[string]**mat.Dense{"features": &o.Features, "logits": &o.Logits, "probs": &o.Probs}
}

// readOutput returns nil where there is no whole file of n rows.
func readOutput(path string, n int) *Output {
	z, err := ReadNPZ(path)
	if err != nil {
		return nil
	}
	out := &Output{}
	for name, part := range out.parts() {
		a := z[name]
		if a == nil {
			continue
		}
		m, err := a.Matrix()
		if err != nil || a.Shape[0] != n || a.Type != "f8" {
			return nil
		}
		*part = m
	}
	if out.Features == nil {
		return nil
	}
	return out
}

// writeOutput is best effort: the output is at hand either way.
func writeOutput(path string, out *Output) {
	z := NPZ{}
	for name, part := range out.parts() {
		if m := *part; m != nil {
			r, c := m.Dims()
			z[name] = Float64Array([]int{r, c}, mat.DenseCopyOf(m).RawMatrix().Data)
		}
	}
	if dir := filepath.Dir(path); os.MkdirAll(dir, 0o755) == nil {
		_ = atomicfile.Sweep(dir) // what killed processes left
		_ = z.Save(path)
	}
}
