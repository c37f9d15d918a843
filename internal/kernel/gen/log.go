package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var posInf, negInf = math.Inf(1), math.Inf(-1)

const (
	tiny     = 1.17549435e-38 // smallest normal number
	two23    = 1 << 23
	nanBits  = 0x7fc00000
	mantissa = 0x007fffff
	oneBits  = 0x3f800000
)

func (m *machine) logBits() {
	if m.wide && !m.neon {
		return
	}
	m.load32(tiny, two23, 23)
	for _, b := range []uint32{nanBits, mantissa, oneBits, 127} {
		m.bits(b)
	}
}

// log sets v0 = log(v0): split into exponent and mantissa in [1,2), halve the mantissa above sqrt 2, then the polynomial.
func (l lane) log() {
	x, e, f, t := l.v(5), l.v(2), l.v(0), l.v(4)
	VADDPS(l.in(l.f(0), l.v(1)), l.v(0), x) // -0 becomes 0
	if l.wide && !l.neon {
		VGETEXPPS(x, e)
		VGETMANTPS(U8(8), x, f) // interval [1,2); NaN for negative numbers
	} else {
		l.splitBits(x, e, f, t)
	}
	VMULPS(l.f(0.5), f, l.v(1))
	VADDPS(l.f(1), e, l.v(3))
	VMOVAPS(f, l.v(6))
	l.pick(cmpGT, l.v(6), l.f(sqrt2), l.v(1), f, t)
	l.pick(cmpGT, l.v(6), l.f(sqrt2), l.v(3), e, t)
	VSUBPS(l.in(l.f(1), l.v(1)), f, f)
	l.log1(f, e, l.v(3), l.v(6))
	// infinities and NaN are their own logarithm, zero has -Inf
	l.pick(cmpNLT, x, l.f(posInf), x, f, t)
	zero := l.in(l.f(0), l.v(1)).(reg.VecPhysical)
	minus := l.in(l.f(negInf), l.v(3)).(reg.VecPhysical)
	l.pick(cmpEQ, x, zero, minus, f, t)
	if !l.wide || l.neon {
		VMOVUPS(l.bits(nanBits), l.v(3))
		l.pick(cmpLT, x, zero, l.v(3), f, t)
	}
}

// splitBits does VGETEXP and VGETMANT by hand: subnormal numbers are scaled up first.
func (l lane) splitBits(x, e, f, t reg.VecPhysical) {
	VMULPS(l.f(two23), x, l.v(1))
	VMOVAPS(x, l.v(3))
	l.zero(l.v(6))
	VMOVUPS(l.f(23), e)
	l.pick(cmpLT, x, l.f(tiny), l.v(1), l.v(3), t)
	l.pick(cmpLT, x, l.f(tiny), e, l.v(6), t)
	VPSRLD(U8(23), l.v(3), e)
	VPSUBD(l.bits(127), e, e)
	VCVTDQ2PS(e, e)
	VSUBPS(l.v(6), e, e)
	VANDPS(l.bits(mantissa), l.v(3), f)
	VORPS(l.bits(oneBits), f, f)
}
