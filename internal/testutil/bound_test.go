package testutil

import "testing"

// failed is a test that only notes that it failed.
type failed struct {
	testing.TB
	yes bool
}

func (f *failed) Helper()               {}
func (f *failed) Errorf(string, ...any) { f.yes = true }

var sink []byte

func TestBound(t *testing.T) {
	for size, want := range map[int]bool{1 << 10: false, 200 << 20: false, 300 << 20: true} {
		f := &failed{TB: t}
		done := Bound(f, 10)
		sink = make([]byte, size)
		if done(); f.yes != want {
			t.Errorf("%d bytes for 10: fails %v, want %v", size, f.yes, want)
		}
	}
}
