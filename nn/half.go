package nn

import "math"

// toHalf rounds a float32 to IEEE half precision, to nearest even; too large becomes infinity.
func toHalf(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b>>16) & 0x8000
	abs := b &^ (1 << 31)
	switch {
	case abs > 0x7f800000:
		return sign | 0x7e00 // NaN
	case abs >= 0x477ff000:
		return sign | 0x7c00 // rounds to 2^16 or is infinite
	case abs < 0x38800000: // below 2^-14: a multiple of 2^-24
		q := math.Float32frombits(abs) * (1 << 24)
		return sign | uint16(math.RoundToEven(float64(q)))
	}
	abs -= (127 - 15) << 23
	abs += 0xfff + abs>>13&1
	return sign | uint16(abs>>13)
}

// fromHalf widens IEEE half precision, exactly.
func fromHalf(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	e, m := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch e {
	case 0:
		return math.Float32frombits(math.Float32bits(float32(m)*0x1p-24) | sign)
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | m<<13)
	}
	return math.Float32frombits(sign | (e+127-15)<<23 | m<<13)
}
