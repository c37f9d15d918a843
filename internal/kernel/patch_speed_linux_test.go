package kernel

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// Packed patches and broadcast ones by turns, least times: ASSAY_PATCH=1 go test -run PatchesAgainstPacking -v.
func TestPatchesAgainstPacking(t *testing.T) {
	if os.Getenv("ASSAY_PATCH") == "" {
		t.Skip("ASSAY_PATCH=1 measures")
	}
	defer func() { patchOff = false }()
	for _, d := range [][7]int{{64, 28, 1, 64, 4, 2, 1}, {64, 28, 1, 32, 3, 1, 1}, {64, 28, 1, 64, 5, 2, 2}, {64, 28, 1, 64, 7, 1, 3}, {64, 16, 2, 64, 4, 2, 1}, {64, 32, 3, 64, 4, 2, 1},
		{64, 32, 3, 64, 3, 1, 1}, {64, 32, 3, 48, 5, 2, 2}, {64, 8, 1, 64, 4, 2, 1}} {
		g, err := NewConv(d[0], d[1], d[1], d[2], d[3], d[4], d[4], d[5], d[5], d[6], d[6])
		if err != nil {
			t.Fatal(err)
		}
		r := source(1)
		x, w, y := guardRand(g.in(), r, 1).x, guardRand(g.weights(), r, 1).x, guardRand(g.out(), r, 1).x
		line := fmt.Sprint(d)
		e := Epilogue{Bias: guardRand(g.K, r, 1).x, Act: ActLeakyReLU, Alpha: .2}
		for _, f := range []func(){func() { g.Forward(y, x, w, e) }, func() { g.GradInput(x, y, w, Epilogue{}) }, func() { g.GradWeight(w, x, y) }} {
			least := [2]time.Duration{1 << 60, 1 << 60}
			for range 20 {
				for i := range least {
					patchOff = i == 0
					f()
					for range 3 {
						c := time.Now()
						f()
						least[i] = min(least[i], time.Since(c))
					}
				}
			}
			rate := 2 * float64(g.out()) * float64(g.KH*g.KW*g.C) / 1e9
			line += fmt.Sprintf("   %.3f > %.3f ms (%.0f > %.0f GFLOP/s)", least[0].Seconds()*1e3, least[1].Seconds()*1e3, rate/least[0].Seconds(), rate/least[1].Seconds())
		}
		t.Log(line)
	}
}
