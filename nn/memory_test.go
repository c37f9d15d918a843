package nn

import (
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// A network that the machine cannot hold is refused by the weight that is too much, before it is allocated.
func TestNetworkBeyondMemory(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(256 << 20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := Try(func() error {
		s := NewGraph(1).Scope("g")
		s.Param("small", Zeros(), 1000, 1000) // 4 MB, 12 with what training adds
		s.Param("large", Zeros(), 5000, 5000) // 100 MB and 300
		return nil
	})
	runtime.ReadMemStats(&after)
	var shape *ShapeError
	if !errors.As(err, &shape) || shape.Op != "g.large" || !strings.Contains(err.Error(), "GiB of memory") {
		t.Errorf("error: %v", err)
	}
	if more := after.TotalAlloc - before.TotalAlloc; more > 50<<20 {
		t.Errorf("%d bytes were allocated first", more)
	}
	for _, dims := range [][]int{{1 << 31, 1 << 31}, {1 << 40, 1 << 40, 1 << 40}} { // products that overflow
		if err := Try(func() error { NewGraph(1).Input("x", dims...); return nil }); err == nil || !strings.Contains(err.Error(), "GiB of memory") {
			t.Errorf("%v: %v", dims, err)
		}
	}
}
