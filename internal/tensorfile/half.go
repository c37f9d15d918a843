package tensorfile

import "math"

// FromHalf widens an IEEE 754 half: exact for every one of the 65536 patterns.
func FromHalf(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exp {
	case 0: // zero and subnormals: frac 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*0x1p-24))
	case 31:
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// ToHalf rounds to the nearest half, ties to even; too large values become infinite.
func ToHalf(f float32) uint16 {
	b := math.Float32bits(f)
	sign, mag := uint16(b>>16)&0x8000, b&0x7fffffff
	switch {
	case mag > 0x7f800000:
		return sign | 0x7e00
	case mag >= 0x47800000: // 2^16 and more
		return sign | 0x7c00
	case mag < 0x38800000: // below the smallest normal: the sum rounds at 2^-24
		return sign | uint16(math.Float32bits(math.Float32frombits(mag)+0.5)-math.Float32bits(0.5))
	}
	round := mag + 0xfff + (mag >> 13 & 1)
	return sign | uint16((round-112<<23)>>13)
}
