package kernel

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSystemCaches(t *testing.T) {
	dir := t.TempDir()
	for name, f := range map[string][3]string{
		"index0": {"1", "Data", "48K"}, "index1": {"1", "Instruction", "32K"}, "index2": {"2", "Unified", "2048K"}, "index3": {"3", "Unified", "266240K"},
		"index4": {"2", "Unified", "nonsense"}, "index5": {"2", "Unified", "-4K"},
	} {
		d := filepath.Join(dir, name)
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
		for i, part := range []string{"level", "type", "size"} {
			if err := os.WriteFile(filepath.Join(d, part), []byte(f[i]+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := systemCaches(dir), (Caches{48 << 10, 2 << 20, 260 << 20}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := systemCaches(filepath.Join(dir, "none")); got != (Caches{}) {
		t.Errorf("no folder: %v", got)
	}
}

// Two witnesses: what the processor says of itself, and what Linux makes of it.
func TestProcessorSaysWhatTheSystemSays(t *testing.T) {
	p, s := processorCaches(), systemCaches("/sys/devices/system/cpu/cpu0/cache")
	if p.L2 == 0 || s.L2 == 0 {
		t.Skip("one of them says nothing")
	}
	if p.L1 != s.L1 || p.L2 != s.L2 {
		t.Errorf("processor %v, system %v", p, s)
	}
}

func TestCachesAreAlwaysKnown(t *testing.T) {
	if c := CacheSizes(); c.L1 < 4<<10 || c.L2 < c.L1 {
		t.Errorf("%+v", c)
	}
}

// Pieces of columns are whole panels that fit, and at least four panels where nothing fits.
func TestWidthOfColumnsFollowsTheCache(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		for _, l2 := range []int{0, 1, 256 << 10, 512 << 10, 1 << 20, 2 << 20, 3 << 20} {
			c := Caches{L2: l2}
			w := c.wide(s)
			if w%s.nr != 0 || w < 4*s.nr || w > 4*s.nr && 4*w*depth > l2/2 {
				t.Errorf("L2 %d: %d columns", l2, w)
			}
		}
	})
}
