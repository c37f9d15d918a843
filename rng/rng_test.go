package rng

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// Known-answer tests published with Random123 (kat_vectors, philox 4x32 10), through a source that stands at their counter.
func TestPhiloxKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		key    [2]uint32
		hi, lo uint64
		want   [4]uint32
	}{
		{[2]uint32{}, 0, 0, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[2]uint32{0xffffffff, 0xffffffff}, math.MaxUint64, math.MaxUint64, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[2]uint32{0xa4093822, 0x299f31d0}, 0x0370734413198a2e, 0x85a308d3243f6a88, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		s := &Source{key: c.key, salt: c.hi, block: c.lo, used: len(Source{}.buf)}
		if got := [4]uint32{s.Uint32(), s.Uint32(), s.Uint32(), s.Uint32()}; got != c.want {
			t.Errorf("key %x, counter %x:%x: %x, want %x", c.key, c.hi, c.lo, got, c.want)
		}
	}
}

// FillNormal gives what Normal gives, from every word of a block on, over many refusals of the ziggurat, and leaves the stream where Normal does.
func TestFillNormalIsNormal(t *testing.T) {
	for skip := range 9 {
		a, b := Stream(3, "fill"), Stream(3, "fill")
		for range skip {
			a.Uint32()
			b.Uint32()
		}
		x := make([]float32, 10_001)
		a.FillNormal(x)
		for i, v := range x {
			if want := float32(b.Normal()); v != want {
				t.Fatalf("after %d words number %d is %v, Normal gives %v", skip, i, v, want)
			}
		}
		if a.Uint64() != b.Uint64() {
			t.Errorf("after %d words the streams end at different places", skip)
		}
	}
}

func TestStreamsAreNamed(t *testing.T) {
	if first := Stream(1, "x", "y").Uint64(); first != Stream(1, "x", "y").Uint64() {
		t.Error("one stream, two numbers")
	}
	seen := map[uint64]string{}
	for _, path := range []string{"", "a", "ab/c", "a/bc", "abc", "abc/"} {
		for seed := range uint64(3) {
			v := Stream(seed, strings.Split(path, "/")...).Uint64()
			if o, ok := seen[v]; ok {
				t.Errorf("streams %d %q and %q coincide", seed, path, o)
			}
			seen[v] = path
		}
	}
}

// Moments of 200 000 draws: the standard errors are about 0.0007 (uniform mean) and 0.0022 (normal mean), 0.0032 (normal variance); the bounds are 5 of them.
func TestMoments(t *testing.T) {
	const n = 200_000
	s := Stream(7, "moments")
	var u, g, g2, g4 float64
	for range n {
		u += s.Float64()
		v := s.Normal()
		g, g2, g4 = g+v, g2+v*v, g4+v*v*v*v
	}
	for _, c := range []struct {
		name           string
		got, want, tol float64
	}{{"uniform mean", u / n, .5, .0035}, {"normal mean", g / n, 0, .011}, {"normal variance", g2 / n, 1, .016}, {"normal 4th moment", g4 / n, 3, .12}} {
		if math.Abs(c.got-c.want) > c.tol {
			t.Errorf("%s = %v, want %v +- %v", c.name, c.got, c.want, c.tol)
		}
	}
	x := make([]float32, n+1)
	s.FillNormal(x)
	g, g2 = 0, 0
	for _, v := range x {
		g, g2 = g+float64(v), g2+float64(v)*float64(v)
	}
	if math.Abs(g/n) > .011 || math.Abs(g2/n-1) > .016 {
		t.Errorf("FillNormal: mean %v, mean square %v", g/n, g2/n)
	}
}

func TestIntNIsUniform(t *testing.T) {
	s := Stream(3, "intn")
	var count [7]int
	const n = 70_000
	for range n {
		count[s.IntN(7)]++
	}
	chi := 0.0
	for _, c := range count {
		chi += (float64(c) - n/7.0) * (float64(c) - n/7.0) / (n / 7.0)
	}
	if chi > 22.5 { // chi-square with 6 degrees of freedom, p = 0.001
		t.Errorf("counts %v, chi-square %v", count, chi)
	}
}

func TestPermIsAPermutation(t *testing.T) {
	seen := make([]bool, 100)
	moved := 0
	for i, p := range Stream(1, "perm").Perm(100) {
		if seen[p] {
			t.Fatalf("%d twice", p)
		}
		seen[p] = true
		if i != p {
			moved++
		}
	}
	if moved < 80 {
		t.Errorf("only %d of 100 moved", moved)
	}
}

// A position counts blocks of four words, however many are made at a time: files written by earlier versions go on.
func TestPositionIsInBlocksOfFour(t *testing.T) {
	s := Stream(5, "resume")
	for words, want := range [][2]uint64{{0, 4}, {1, 1}, {1, 2}, {1, 3}, {1, 4}, {2, 1}, {2, 2}, {2, 3}, {2, 4}, {3, 1}} {
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if w := fmt.Sprintf(`"block":%d,"used":%d}`, want[0], want[1]); !strings.HasSuffix(string(text), w) {
			t.Errorf("after %d words: %s, want ...%s", words, text, w)
		}
		s.Uint32()
	}
}

func TestWordsAreTheSameInPairs(t *testing.T) {
	a, b := Stream(6), Stream(6)
	for i := range 40 {
		if i%5 == 3 {
			a.Uint32()
			b.Uint32()
		}
		lo, hi := uint64(a.Uint32()), uint64(a.Uint32())
		if v := b.Uint64(); v != lo|hi<<32 {
			t.Fatalf("pair %d: %x, want %x then %x", i, v, lo, hi)
		}
	}
}

func TestPositionResumes(t *testing.T) {
	for skip := range 18 {
		s := Stream(5, "resume")
		for range skip {
			s.Uint32()
		}
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var fresh Source
		same := Stream(5, "resume")
		for _, r := range []*Source{&fresh, same} {
			if err := r.UnmarshalText(text); err != nil {
				t.Fatal(err)
			}
		}
		for range 9 {
			a, b, c := s.Uint32(), fresh.Uint32(), same.Uint32()
			if a != b || a != c {
				t.Fatalf("after %d words the resumed stream differs", skip)
			}
		}
		if err := Stream(5, "other").UnmarshalText(text); err == nil {
			t.Error("another stream accepted the position")
		}
	}
	for _, bad := range []string{"", "{", `{"used":9}`, `{"used":-1}`, `{"used":2}`} {
		if err := new(Source).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}
}

func BenchmarkFillNormal(b *testing.B) {
	s, x := Stream(1), make([]float32, 4096)
	b.SetBytes(4 * 4096)
	for b.Loop() {
		s.FillNormal(x)
	}
}
