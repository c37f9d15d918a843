package crew

import (
	"sync/atomic"
	"testing"
)

func TestPanicReachesTheWaiter(t *testing.T) {
	var g Group
	var done atomic.Int32
	for i := range 8 {
		g.Go(func() {
			if i == 3 {
				panic("three")
			}
			done.Add(1)
		})
	}
	defer func() {
		if p := recover(); p != "three" || done.Load() != 7 {
			t.Errorf("panic %v after %d", p, done.Load())
		}
	}()
	g.Wait()
	t.Error("Wait returned")
}

func TestWait(t *testing.T) {
	var g Group
	var done atomic.Int32
	for range 5 {
		g.Go(func() { done.Add(1) })
	}
	if g.Wait(); done.Load() != 5 {
		t.Error(done.Load())
	}
}
