package kernel

import "testing"

// A panic in an item reaches the caller of Par, with whatever number of threads, and the next call works.
func TestParPanicReachesTheCaller(t *testing.T) {
	defer SetThreads(0)
	for _, n := range []int{1, 2, 7} {
		SetThreads(n)
		for range 50 {
			func() {
				defer func() {
					if p := recover(); p != 3 {
						t.Errorf("%d threads: panic %v, want that of item 3", n, p)
					}
				}()
				Par(40, func(i int) {
					if i == 3 || i == 30 {
						panic(i)
					}
				})
				t.Errorf("%d threads: Par returned", n)
			}()
		}
		sum := make([]int, 100)
		Par(100, func(i int) { sum[i] = i })
		for i, v := range sum {
			if v != i {
				t.Fatalf("%d threads: item %d was not run", n, i)
			}
		}
	}
}
