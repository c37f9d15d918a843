package featurizer

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/assay-gan/assay/internal/kernel"
)

// Layer by layer, the least time of each for an image on one thread, some images together: ASSAY_LAYERS=4 go test -run InceptionLayers -v.
func TestInceptionLayers(t *testing.T) {
	images := 0
	if _, err := fmt.Sscan(os.Getenv("ASSAY_LAYERS"), &images); err != nil {
		t.Skip("ASSAY_LAYERS=number of images measures")
	}
	defer kernel.SetThreads(kernel.Threads())
	kernel.SetThreads(1)
	net := syntheticNet(t, quirks{})
	least := map[string]time.Duration{}
	var order []string
	took := func(name string, d time.Duration) {
		d /= time.Duration(images)
		if old, ok := least[name]; !ok || d < old {
			if !ok {
				order = append(order, name)
			}
			least[name] = d
		}
	}
	flop := map[string]float64{}
	x := make([]float32, images*inceptionSide*inceptionSide*3)
	for i := range x {
		x[i] = float32(i%255)/127.5 - 1
	}
	for range 6 {
		cur := tensor{images, inceptionSide, inceptionSide, 3, x}
		ws := new(workspace)
		for _, s := range net.stages {
			oh, ow, oc := s.out(cur.h, cur.w, cur.c)
			y := tensor{images, oh, ow, oc, make([]float32, images*oh*ow*oc)}
			at := 0
			for b, branch := range s.branches {
				in := cur
				for i, st := range branch {
					h, w, c := st.out(in.h, in.w, in.c)
					next, col := y, at
					if i < len(branch)-1 {
						next, col = tensor{images, h, w, c, make([]float32, images*h*w*c)}, 0
					} else {
						at += c
					}
					ws.inner.used = 0
					if st.pool != noPool {
						from := time.Now()
						pool3(next, col, in, st.pool, ws, quirks{})
						took(fmt.Sprintf("%s%d.pool", s.name, b), time.Since(from))
					}
					for _, v := range st.convs {
						from := time.Now()
						v.f.Forward(in.n, next.x[col:], next.c, in.x, kernel.Epilogue{Bias: v.b, Act: kernel.ActLeakyReLU})
						name := fmt.Sprintf("%-28s %3dx%3d %4d>%-4d %dx%d/%d", v.name, in.h, in.w, v.in, v.out, v.kh, v.kw, v.stride)
						took(name+" "+v.f.Route(), time.Since(from))
						name += " " + v.f.Route()
						flop[name] = 2 * float64(h*w*v.out*v.in*v.kh*v.kw)
						col += v.out
					}
					in = next
				}
			}
			cur = y
		}
	}
	var sum time.Duration
	kinds, kindFlop := map[string]time.Duration{}, map[string]float64{}
	for _, name := range order {
		d := least[name]
		sum += d
		kind := "pool"
		if flop[name] > 0 {
			kind = strings.Fields(name)[len(strings.Fields(name))-2] // size of the filters
		}
		kinds[kind] += d
		kindFlop[kind] += flop[name]
		t.Logf("%-60s %7.3f ms %6.1f GFLOP/s", name, d.Seconds()*1e3, flop[name]/d.Seconds()/1e9)
	}
	for kind, d := range kinds {
		t.Logf("all %s: %.2f ms, %.1f GFLOP/s", kind, d.Seconds()*1e3, kindFlop[kind]/d.Seconds()/1e9)
	}
	t.Logf("sum %.2f ms, %.1f GFLOP/s", sum.Seconds()*1e3, 2*float64(macs())/sum.Seconds()/1e9)
}
