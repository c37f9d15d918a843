package tensorfile

import (
	"math"
	"testing"
)

// TestHalf holds the conversion to the definition: a half with exponent e and mantissa m is 2^(e-15) (1 + m/1024), and rounding picks the
// nearest, the even one of two.
func TestHalf(t *testing.T) {
	value := func(h int) float64 {
		e, m := h>>10&31, float64(h&1023)
		if e == 0 {
			return m * 0x1p-24
		}
		return math.Ldexp(1+m/1024, e-15)
	}
	for h := 0; h < 31<<10; h++ {
		v := value(h)
		if got := float64(FromHalf(uint16(h))); got != v {
			t.Fatalf("half %#x is %v, want %v", h, got, v)
		}
		if got := float64(FromHalf(uint16(h | 0x8000))); got != -v || math.Signbit(got) == math.Signbit(v) {
			t.Fatalf("half %#x is %v, want %v", h|0x8000, got, -v)
		}
		if h == 31<<10-1 {
			break
		}
		middle := float32((v + value(h+1)) / 2)
		even := h + h&1
		for _, c := range []struct {
			f    float32
			want int
		}{{float32(v), h}, {middle, even}, {math.Nextafter32(middle, 0), h}, {math.Nextafter32(middle, 1e9), h + 1}} {
			if got := ToHalf(c.f); int(got) != c.want {
				t.Fatalf("%v becomes %#x, want %#x", c.f, got, c.want)
			}
		}
	}
	inf := float32(math.Inf(1))
	for f, want := range map[float32]uint16{65519.99: 0x7bff, 65520: 0x7c00, inf: 0x7c00, -inf: 0xfc00, 1e-9: 0} {
		if got := ToHalf(f); got != want {
			t.Errorf("%v becomes %#x, want %#x", f, got, want)
		}
	}
	if v := FromHalf(ToHalf(float32(math.NaN()))); v == v {
		t.Error("NaN was lost")
	}
}
