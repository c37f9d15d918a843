package command

import (
	"os"
	"runtime"
	"runtime/debug"
	rtmetrics "runtime/metrics"

	"github.com/assay-gan/assay/internal/machine"
)

// How far the heap may outgrow what is in use before it is collected, in percent. What a large score has in use is few, large matrices: Go's usual 100 would let
// a score of 10 000 x 2048 features a side take 1.7 GB where 1.0 does, and collecting so few objects more often costs no time that can be measured. A small heap may
// always grow by heapRoom: at the same share, planning a study collected a few megabytes without end and took three times as long.
const (
	leastGrowth = 20
	mostGrowth  = 400
	heapRoom    = 64 << 20
)

// paceHeap sets the collector's pace, now and after each collection. GOGC and GOMEMLIMIT from the environment win over it and over nine tenths of the memory of
// the machine or its control group.
func paceHeap() {
	if total, known := machine.Total(); known && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(total / 10 * 9) // the collector works harder before the system ends the process
	}
	if os.Getenv("GOGC") != "" {
		return
	}
	p := &pacer{growth: mostGrowth}
	debug.SetGCPercent(p.growth)
	p.watch()
}

// pacer is told of each collection by an object that nothing refers to.
type pacer struct{ growth int }

func (p *pacer) watch() {
	runtime.SetFinalizer(&struct{ _ [64]byte }{}, func(any) {
		live := []rtmetrics.Sample{{Name: "/gc/heap/live:bytes"}}
		rtmetrics.Read(live)
		if live[0].Value.Kind() == rtmetrics.KindUint64 {
			p.set(growthAt(live[0].Value.Uint64()))
		}
		p.watch()
	})
}

func (p *pacer) set(growth int) {
	if growth != p.growth {
		p.growth = growth
		debug.SetGCPercent(growth)
	}
}

// growthAt is the growth for so many bytes in use.
func growthAt(live uint64) int {
	return int(min(max(heapRoom*100/max(live, 1), leastGrowth), mostGrowth))
}
