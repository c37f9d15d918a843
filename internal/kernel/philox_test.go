package kernel

import "testing"

// The known answers of the authors' library (Random123, kat_vectors), which rng's own tests hold too: at the counter itself, and one and seven before it, because
// a pass makes eight blocks.
func TestPhiloxKnownAnswers(t *testing.T) {
	eachSet(t, func(t *testing.T, _ *set) {
		for _, c := range []struct {
			key    [2]uint32
			hi, lo uint64
			want   [4]uint32
		}{
			{[2]uint32{}, 0, 0, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
			{[2]uint32{0xffffffff, 0xffffffff}, 0xffffffffffffffff, 0xffffffffffffffff, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
			{[2]uint32{0xa4093822, 0x299f31d0}, 0x0370734413198a2e, 0x85a308d3243f6a88, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
		} {
			for _, back := range []int{0, 1, 3, 4, 7} {
				var got [32]uint32
				Philox(&got, c.key, c.hi, c.lo-uint64(back))
				if [4]uint32(got[4*back:]) != c.want {
					t.Errorf("counter %x:%x, block %d: %x, want %x", c.hi, c.lo, back, got[4*back:4*back+4], c.want)
				}
			}
		}
	})
}

// Every set gives the same blocks, and writes nothing but them.
func TestPhiloxSets(t *testing.T) {
	r := source(5)
	eachSet(t, func(t *testing.T, _ *set) {
		for range 200 {
			key, hi, lo := [2]uint32{r.Uint32(), r.Uint32()}, r.Uint64(), r.Uint64()
			var all [34]uint32
			all[0], all[33] = 7, 7
			var want [32]uint32
			Philox((*[32]uint32)(all[1:33]), key, hi, lo)
			genPhilox(&want, key[0], key[1], hi, lo)
			if [32]uint32(all[1:33]) != want || all[0] != 7 || all[33] != 7 {
				t.Fatalf("key %x, counter %x:%x: %x, want %x", key, hi, lo, all, want)
			}
		}
	})
}
