package featurizer

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/rng"
)

// pcaTol allows for float32 samples; the sampling error of the components with 5000 rows is a few hundredths.
const pcaTol, pcaSampling = 1e-5, 0.05

// planted makes rows m + a u + b v + noise with orthonormal u, v of d dimensions and standard deviations 5, 2 and 0.01.
func planted(t *testing.T, n, d int) (s *datasets.Samples, u, v, m []float64) {
	t.Helper()
	src := rng.Stream(11, "pca test")
	u, v, m = make([]float64, d), make([]float64, d), make([]float64, d)
	for i := range d {
		u[i] = 1 / math.Sqrt(float64(d))
		v[i] = u[i] * float64(1-2*(i%2))
		m[i] = float64(i % 3)
	}
	data := make([]float32, n*d)
	for i := range n {
		a, b := 5*src.Normal(), 2*src.Normal()
		for j := range d {
			data[i*d+j] = float32(m[j] + a*u[j] + b*v[j] + 0.01*src.Normal())
		}
	}
	s, err := datasets.NewSamples([]int{d}, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s, u, v, m
}

// TestPCAFindsPlantedAxes runs all three routes: covariance (d small), Gram (n small) and subspace iteration (both large).
func TestPCAFindsPlantedAxes(t *testing.T) {
	for _, size := range [][2]int{{5000, 40}, {300, 900}, {900, 850}} {
		s, u, v, _ := planted(t, size[0], size[1])
		f, err := FitPCA(context.Background(), 2, identity{id: "none"}, s)
		if err != nil {
			t.Fatal(err)
		}
		axes := f.(*pca).axes
		for k, want := range [][]float64{u, v} {
			dot, norm := 0.0, 0.0
			for i := range want {
				dot += axes.At(i, k) * want[i]
				norm += axes.At(i, k) * axes.At(i, k)
			}
			if math.Abs(norm-1) > 1e-9 || 1-math.Abs(dot) > pcaSampling {
				t.Errorf("%v: component %d has length^2 %v and cosine %v with the planted axis", size, k, norm, dot)
			}
		}
	}
}

// TestPCARoutesAgree holds the subspace iteration to the exact solution on data with a spread spectrum.
func TestPCARoutesAgree(t *testing.T) {
	const n, d, k = 120, 60, 5
	src := rng.Stream(12, "pca test")
	data := make([]float32, n*d)
	for i := range data {
		data[i] = float32(src.Normal() * math.Pow(0.8, float64(i%d)))
	}
	s, err := datasets.NewSamples([]int{d}, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := identity{id: "none"}.Featurize(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	centre(out.Features)
	exact, err := principal(context.Background(), out.Features, k)
	if err != nil {
		t.Fatal(err)
	}
	q, err := iterate(context.Background(), out.Features, k+pcaExtra)
	if err != nil {
		t.Fatal(err)
	}
	for j := range k { // every exact axis lies in the iterated subspace
		inside := 0.0
		_, m := q.Dims()
		for c := range m {
			dot := 0.0
			for i := range d {
				dot += q.At(i, c) * exact.At(i, j)
			}
			inside += dot * dot
		}
		if math.Abs(inside-1) > 1e-9 {
			t.Errorf("axis %d: %v of its length lies in the subspace", j, inside)
		}
	}
}

func TestPCAProjects(t *testing.T) {
	s, _, _, _ := planted(t, 2000, 10)
	f, err := Open(context.Background(), "pca(1,none)", Env{Reference: s})
	if err != nil {
		t.Fatal(err)
	}
	if f.ID() != "pca(1,none)" || !strings.HasPrefix(f.Fingerprint(), "pca(1,none)@") {
		t.Errorf("id %q, fingerprint %q", f.ID(), f.Fingerprint())
	}
	out, err := f.Featurize(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	p, mean := f.(*pca), 0.0
	for i := range s.Len() {
		want := 0.0
		for j, x := range s.Row(i) {
			want += (float64(x) - p.mean[j]) * p.axes.At(j, 0)
		}
		if got := out.Features.At(i, 0); math.Abs(got-want) > pcaTol {
			t.Fatalf("row %d: %v, want %v", i, got, want)
		}
		mean += out.Features.At(i, 0)
	}
	if math.Abs(mean/2000) > pcaTol {
		t.Errorf("mean of the projection %v, want 0", mean/2000)
	}
	kernel.SetThreads(1)
	single, err := FitPCA(context.Background(), 1, identity{id: "none"}, s)
	kernel.SetThreads(2)
	if err != nil || single.Fingerprint() != f.Fingerprint() {
		t.Errorf("one thread fits %v, two %v (%v)", single.Fingerprint(), f.Fingerprint(), err)
	}
	small, err := FitPCA(context.Background(), 1, identity{id: "none"}, s.Slice(0, 1000))
	if err != nil {
		t.Fatal(err)
	}
	if small.Fingerprint() == f.Fingerprint() {
		t.Error("another reference gives the same fingerprint")
	}
	if _, err := FitPCA(context.Background(), 11, identity{id: "none"}, s); err == nil || !strings.Contains(err.Error(), "1 to 10") {
		t.Errorf("k over d: %v", err)
	}
}
