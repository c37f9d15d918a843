package threads_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/assay-gan/assay/threads"
)

func TestAllCoresUnlessTold(t *testing.T) {
	if n := threads.Count(); n != runtime.GOMAXPROCS(0) {
		t.Errorf("%d threads before anybody asked, want one a core (%d)", n, runtime.GOMAXPROCS(0))
	}
	defer threads.Set(0)
	threads.Set(3)
	if n := threads.Count(); n != 3 {
		t.Errorf("%d threads, 3 were set", n)
	}
	threads.Set(0)
	if n := threads.Count(); n != runtime.GOMAXPROCS(0) {
		t.Errorf("%d threads, want one a core again", n)
	}
}

func Example() {
	threads.Set(2) // leave the other cores to others
	defer threads.Set(0)
	fmt.Println(threads.Count())
	// Output: 2
}
