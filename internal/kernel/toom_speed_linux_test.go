package kernel

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"
)

func cpuTime() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// Direct and Toom-Cook by turns, least times: ASSAY_TOOM=11 go test -run ToomAgainstDirect -v.
func TestToomAgainstDirect(t *testing.T) {
	if os.Getenv("ASSAY_TOOM") == "" {
		t.Skip("ASSAY_TOOM=number of shapes measures")
	}
	most, err := strconv.Atoi(os.Getenv("ASSAY_TOOM"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range [][7]int{{64, 14, 64, 128, 4, 2, 1}, {64, 16, 64, 128, 4, 2, 1}, {64, 8, 128, 256, 4, 2, 1}, {32, 14, 64, 128, 4, 2, 1}, {32, 14, 128, 128, 3, 1, 1},
		{32, 7, 128, 128, 3, 1, 1}, {16, 35, 96, 96, 3, 1, 1}, {16, 35, 64, 96, 3, 1, 1}, {16, 8, 448, 384, 3, 1, 1}, {4, 147, 32, 64, 3, 1, 1}, {8, 73, 80, 192, 3, 1, 0}}[:most] {
		g, err := NewConv(d[0], d[1], d[1], d[2], d[3], d[4], d[4], d[5], d[5], d[6], d[6])
		if err != nil {
			t.Fatal(err)
		}
		r := source(1)
		x, w, y := guardRand(g.in(), r, 1).x, guardRand(g.weights(), r, 1).x, guardRand(g.out(), r, 1).x
		line := fmt.Sprint(d)
		for _, f := range []func(){func() { g.Forward(y, x, w, Epilogue{}) }, func() { g.GradInput(x, y, w, Epilogue{}) }, func() { g.GradWeight(w, x, y) }} {
			least := [2]time.Duration{1 << 60, 1 << 60}
			for range 12 {
				for i := range least {
					toomOff = i == 0
					f()
					c := cpuTime()
					f()
					f()
					least[i] = min(least[i], (cpuTime()-c)/2)
				}
			}
			toomOff = false
			line += fmt.Sprintf("   %.2f > %.2f ms %.2fx", least[0].Seconds()*1e3, least[1].Seconds()*1e3, least[0].Seconds()/least[1].Seconds())
		}
		t.Log(line)
	}
}
