package command

import "testing"

// A small heap may grow by heapRoom, a large one by a fifth; in between the room is what is kept.
func TestGrowthAt(t *testing.T) {
	for live, want := range map[uint64]int{0: 400, 1 << 20: 400, 16 << 20: 400, 32 << 20: 200, 64 << 20: 100, 128 << 20: 50, 320 << 20: 20, 1 << 33: 20, 1 << 62: 20} {
		if got := growthAt(live); got != want {
			t.Errorf("%d bytes: %d %%, want %d", live, got, want)
		}
	}
}
