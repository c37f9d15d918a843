// Package testutil helps tests of several packages. No program imports it.
package testutil

import (
	"runtime"
	"testing"
	"time"
)

// What reading an input of n bytes may take: all that is ever allocated, not only what is held at once, hence four times the Free + Ratio n of the package
// inputfile; and a time in which no machine is too slow for an honest reader.
const (
	freeBytes  = 4 * (64 << 20)
	bytesAByte = 4 * 200
	longest    = 20 * time.Second
)

// Bound is deferred around the reading of an input of n bytes: what it returns fails the test where that took more memory or time than any input of that size
// may. It counts the whole process, so such tests do not run in parallel.
//
//	defer testutil.Bound(t, len(data))()
func Bound(t testing.TB, n int) func() {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	return func() {
		t.Helper()
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > freeBytes+bytesAByte*uint64(n) {
			t.Errorf("%d bytes allocated for an input of %d", grown, n)
		}
		if took > longest {
			t.Errorf("%v for an input of %d bytes", took, n)
		}
	}
}
