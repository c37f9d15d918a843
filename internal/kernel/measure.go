package kernel

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/blas"
)

// Rate is the measured speed of one kernel on one core.
type Rate struct {
	Name  string  `json:"kernel"`
	Work  string  `json:"work"`
	Route string  `json:"route,omitempty"` // of convolutions, and of products how they are cut on this machine
	Rate  float64 `json:"rate"`            // GFLOP/s by the multiplications of the definition, or GB/s of what is read and written
	Unit  string  `json:"unit"`
	Share float64 `json:"share,omitempty"` // of the peak of their numbers' size; above 1 where a route saves multiplications
}

// Measure times a 512 x 512 x 512 product on one core, the best of a tenth of a second. Like all of these figures it is meant for people: it is that of this moment on this machine.
func Measure() Rate {
	defer SetThreads(Threads())
	SetThreads(1)
	m := newMeter(3 * 512 * 512)
	m.gemm(512)
	return m.rates[0]
}

// MeasureKernels times the kernels that training and scoring spend their time in as Measure does, and the largest product on all threads too; it takes
// about two seconds.
func MeasureKernels() []Rate {
	defer SetThreads(Threads())
	SetThreads(1)
	m := newMeter(1 << 22)
	for _, n := range []int{64, 256, 1024} {
		m.gemm(n)
	}
	if all := cores(); all > 1 {
		SetThreads(all)
		m.gemm(1024)
		r := &m.rates[len(m.rates)-1]
		r.Work = fmt.Sprintf("%s, %d cores", r.Work, all)
		r.Share /= float64(all)
		SetThreads(1)
	}
	m.gemm64(512)
	m.conv("DCGAN, 14x14x64, 4x4 stride 2, 128 filters", 16, 14, 64, 128, 4, 4, 2, 1, 1)
	m.features("Inception, 35x35x96, 3x3, 96 filters", 2, 35, 96, 96, 3, 3, 1, 1, 1)
	m.features("Inception, 17x17x192, 1x7, 192 filters", 2, 17, 192, 192, 1, 7, 1, 0, 3)
	m.features("Inception, 17x17x768, 1x1, 192 filters", 2, 17, 768, 192, 1, 1, 1, 0, 0)
	m.conv("U-Net, 28x28x16, 3x3, 16 filters", 8, 28, 16, 16, 3, 3, 1, 1, 1)
	const n = 1 << 16
	x, y := m.floats[:n], m.floats[n:2*n]
	for _, e := range []struct {
		name string
		each float64 // bytes an element
		f    func()
	}{
		{"add", 12, func() { Add(y, x, y) }}, {"exp", 8, func() { Exp(y, x) }}, {"tanh", 8, func() { Tanh(y, x) }}, {"gelu", 8, func() { GELU(y, x) }},
		{"softmax of 256", 8, func() { Softmax(n/256, 256, y, x) }}, {"sum", 4, func() { _ = Sum(x) }},
	} {
		m.add(Rate{Name: e.name, Work: "65 536 numbers, in the cache", Unit: "GB/s"}, e.each*n, e.f)
	}
	return m.rates
}

// meter times kernels on numbers of its own.
type meter struct {
	floats []float32
	rates  []Rate
}

func newMeter(n int) *meter {
	m := &meter{floats: make([]float32, n)}
	for i := range m.floats {
		m.floats[i] = float32(i%13)/6 - 1
	}
	return m
}

// add times f for about a tenth of a second and files work / time.
func (m *meter) add(r Rate, work float64, f func()) {
	f()
	best, end := math.Inf(1), time.Now().Add(100*time.Millisecond)
	for time.Now().Before(end) {
		t := time.Now()
		f()
		best = min(best, time.Since(t).Seconds())
	}
	r.Rate = work / best / 1e9
	if r.Unit == "" {
		r.Unit = "GFLOP/s"
		peak := Peak()
		if r.Name == "dgemm" {
			peak /= 2 // half as many numbers in a vector
		}
		if peak > 0 {
			r.Share = r.Rate / peak
		}
	}
	m.rates = append(m.rates, r)
}

func (m *meter) gemm(n int) {
	a, b, c := m.floats[:n*n], m.floats[n*n:2*n*n], m.floats[2*n*n:3*n*n]
	route, _ := (&gemmJob{s: active, m: n, n: n, k: n}).cut(Threads())
	m.add(Rate{Name: "sgemm", Work: fmt.Sprintf("%d x %[1]d x %[1]d", n), Route: route.String()}, 2*float64(n)*float64(n)*float64(n), func() { Gemm(false, false, n, n, n, a, n, b, n, c, n, Epilogue{}) })
}

func (m *meter) gemm64(n int) {
	a, b, c := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	for i := range a {
		a[i], b[i] = float64(i%7)-3, float64(i%5)-2
	}
	f := BLAS64()
	m.add(Rate{Name: "dgemm", Work: fmt.Sprintf("%d x %[1]d x %[1]d", n), Route: route64(n)}, 2*float64(n)*float64(n)*float64(n), func() { f.Dgemm(blas.NoTrans, blas.NoTrans, n, n, n, 1, a, n, b, n, 0, c, n) })
}

func (m *meter) conv(work string, n, h, c, k, kh, kw, stride, ph, pw int) {
	g := m.layer(n, h, c, k, kh, kw, stride, ph, pw)
	x, w, y := m.floats[:g.in()], m.floats[g.in():g.in()+g.weights()], make([]float32, g.out())
	m.add(Rate{Name: "convolution", Work: work, Route: g.Route()}, g.flop(), func() { g.Forward(y, x, w, Epilogue{}) })
}

// features times a layer as featurizers run it, its filters laid out before.
func (m *meter) features(work string, n, h, c, k, kh, kw, stride, ph, pw int) {
	g := m.layer(n, h, c, k, kh, kw, stride, ph, pw)
	g.Fast = true
	x, y := m.floats[:g.in()], make([]float32, g.out())
	f := g.Filters(m.floats[g.in() : g.in()+g.weights()])
	m.add(Rate{Name: "convolution", Work: work, Route: f.Route()}, g.flop(), func() { f.Forward(n, y, k, x, Epilogue{}) })
}

func (m *meter) layer(n, h, c, k, kh, kw, stride, ph, pw int) Conv {
	g, err := NewConv(n, h, h, c, k, kh, kw, stride, stride, ph, pw)
	if err != nil {
		panic(err) // the sizes are constants
	}
	return g
}

// flop counts two for each multiplication of the definition.
func (g *Conv) flop() float64 { return 2 * float64(g.out()) * float64(g.KH*g.KW*g.C) }

// route64 is how a product of float64 is cut; a set without its tile leaves it to gonum.
func route64(n int) string {
	if s := &active.f64; s.gemm != nil {
		return cutFor(Threads(), n, n, s.mr, s.nr, cache.wide64(active), false).String()
	}
	return "gonum"
}
