package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Coefficients of Cephes' single-precision exp and log (Moshier), to be used after range reduction.
var (
	expPoly = []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}
	logPoly = []float64{7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
		2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1}
	// log(Phi(x)/Phi(-x))/x in s = 2 x^2/36 - 1, for |x| <= 6: fitted at Chebyshev's points, from the highest power down.
	geluPoly = []float64{-0.000766265404, 0.00155054767, 0.000563422477, -0.00310002144, 0.00223994011, -0.00181808535, 0.00391186347, -0.00465218092,
		0.00227877735, 0.00369902297, -0.0173582777, 0.0508557169, -0.155108381, 0.883644518, 2.69018755}
	// tanh(x)/x - 1 over x^2, for |x| < 0.625 (Cephes).
	tanhPoly = []float64{-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1}
)

const (
	expHi, expLo = 89, -104 // beyond these the result is Inf or 0
	log2e        = 1.44269504088896341
	ln2Hi        = 0.693359375 // ln2Hi + ln2Lo = ln 2
	ln2Lo        = -2.12194440e-4
	sqrt2        = 1.41421356
	tanhSmall    = 0.625 * 0.625
	geluEnd      = 6
	geluLeast    = -64 // what Phi(-6) makes of it is still below 1e-7
)

func (m *machine) expConsts() {
	m.load32(expHi, expLo, log2e, ln2Hi, ln2Lo, 1)
	m.load32(expPoly...)
	if !m.wide || m.neon {
		m.bits(127)
	}
}

// exp sets v0 = exp(v0) and clobbers v1..v3. The argument stands second in MIN and MAX, which so let NaN through.
func (m *machine) exp() {
	x, a, b, d := m.vec[0], m.vec[1], m.vec[2], m.vec[3]
	VMINPS(x, m.in(m.f(expHi), a), x)
	VMAXPS(x, m.in(m.f(expLo), a), x)
	VMULPS(m.f(log2e), x, a)
	m.round(a)
	VFNMADD231PS(m.f(ln2Hi), a, x)
	VFNMADD231PS(m.f(ln2Lo), a, x)
	m.poly(expPoly, x, b)
	VMULPS(x, x, d)
	VFMADD213PS(x, d, b)
	VADDPS(m.f(1), b, b)
	if m.wide && !m.neon {
		VSCALEFPS(a, b, x)
		return
	}
	// 2^n in two factors, so that neither overflows nor underflows too early
	VCVTPS2DQ(a, a)
	VPSRAD(U8(1), a, d)
	VPSUBD(d, a, a)
	for _, v := range []reg.VecPhysical{a, d} {
		VPADDD(m.bits(127), v, v)
		VPSLLD(U8(23), v, v)
		VMULPS(v, b, b)
	}
	VMOVAPS(b, x)
}

func (m *machine) round(v reg.VecPhysical) {
	if m.wide {
		VRNDSCALEPS(U8(8), v, v)
	} else {
		VROUNDPS(U8(8), v, v)
	}
}

// poly evaluates by Horner's rule into r.
func (m *machine) poly(c []float64, x, r reg.VecPhysical) {
	VMOVUPS(m.f(c[0]), r)
	for _, k := range c[1:] {
		VFMADD213PS(m.f(k), x, r)
	}
}

func (m *machine) logConsts() {
	m.load32(ln2Hi, ln2Lo, 1, 0.5)
	m.load32(logPoly...)
}

// log1 sets f = log(1+f) + e ln 2 for |f| small, as Cephes does; it clobbers z and y.
func (m *machine) log1(f, e, z, y reg.VecPhysical) {
	VMULPS(f, f, z)
	m.poly(logPoly, f, y)
	VMULPS(f, y, y)
	VMULPS(z, y, y)
	VFMADD231PS(m.f(ln2Lo), e, y)
	VFNMADD231PS(m.f(0.5), z, y)
	VADDPS(y, f, f)
	VFMADD231PS(m.f(ln2Hi), e, f)
}

func (m *machine) transcendental() {
	ew := func(name string, consts func(), op func(l lane)) {
		m.loop(name, sig1, "works element by element.", []string{"y", "x"}, nil, func(m *machine) { consts() }, func(l lane, _ map[string]reg.VecPhysical) {
			l.load("x", 0)
			op(l)
			l.store(0, "y")
		})
	}
	ew("exp", m.expConsts, func(l lane) { l.exp() })
	ew("sigmoid", func() { m.expConsts(); m.bits(1 << 31) }, func(l lane) { l.sigmoid() })
	ew("silu", func() { m.expConsts(); m.bits(1 << 31) }, func(l lane) {
		VMOVAPS(l.v(0), l.v(5))
		l.sigmoid()
		VMULPS(l.v(5), l.v(0), l.v(0))
	})
	ew("gelu", func() { m.expConsts(); m.bits(1 << 31) }, func(l lane) { l.gelu() })
	m.siluGrad()
	ew("tanh", func() { m.expConsts(); m.load32(2, tanhSmall); m.load32(tanhPoly...) }, func(l lane) { l.tanh() })
	ew("softplus", func() { m.expConsts(); m.logConsts(); m.load32(0, sqrt2-1); m.bits(1 << 31) }, func(l lane) { l.softplus() })
	ew("log", func() { m.logConsts(); m.load32(0, sqrt2, posInf, negInf); m.logBits() }, func(l lane) { l.log() })
}

// sigmoid is 1/(1+exp(-x)).
func (l lane) sigmoid() {
	VXORPS(l.bits(1<<31), l.v(0), l.v(0))
	l.exp()
	VADDPS(l.f(1), l.v(0), l.v(0))
	VDIVPS(l.v(0), l.in(l.f(1), l.v(1)).(reg.VecPhysical), l.v(0))
}

// gelu is x Phi(x) = x S(x q(x^2)) with the logistic function S; q is smooth, so a polynomial will do. Beyond 6 Phi is taken at 6, and x below -64 at -64: what is left
// of Phi would make something of very large numbers. NaN passes.
func (l lane) gelu() {
	x, near, s := l.v(5), l.v(6), l.v(4)
	VMOVAPS(l.v(0), x)
	VMOVUPS(l.mem(geluEnd), l.v(1))
	VMINPS(l.v(0), l.v(1), near)
	VMOVUPS(l.mem(-geluEnd), l.v(1))
	VMAXPS(near, l.v(1), near)
	VMULPS(near, near, s)
	VMOVUPS(l.mem(2.0/(geluEnd*geluEnd)), l.v(1))
	VFMADD213PS(l.mem(-1), l.v(1), s)
	VMOVUPS(l.mem(geluPoly[0]), l.v(0))
	for _, k := range geluPoly[1:] {
		VFMADD213PS(l.mem(k), s, l.v(0))
	}
	VMULPS(near, l.v(0), l.v(0))
	l.sigmoid()
	VMOVUPS(l.mem(geluLeast), l.v(1))
	VMAXPS(x, l.v(1), x)
	VMULPS(x, l.v(0), l.v(0))
}

// siluGrad emits dx = g s (1 + x (1 - s)), s = sigmoid(x): from the input, since the output does not tell it.
func (m *machine) siluGrad() {
	consts := func(m *machine) { m.expConsts(); m.bits(1 << 31) }
	m.loop("siluGrad", "func(dx, x, gr []float32)", "is the gradient, from the input x.", []string{"dx", "x", "gr"}, nil, consts, func(l lane, _ map[string]reg.VecPhysical) {
		l.load("x", 0)
		l.load("gr", 6)
		VMOVAPS(l.v(0), l.v(5))
		l.sigmoid()
		one := l.in(l.f(1), l.v(2)).(reg.VecPhysical)
		VSUBPS(l.v(0), one, l.v(1))
		VMULPS(l.v(5), l.v(1), l.v(1))
		VADDPS(one, l.v(1), l.v(1))
		VMULPS(l.v(1), l.v(0), l.v(0))
		VMULPS(l.v(6), l.v(0), l.v(0))
		l.store(0, "dx")
	})
}

// tanh is 1 - 2/(1+exp(2x)), and x times a polynomial in x^2 where that would cancel.
func (l lane) tanh() {
	VMOVAPS(l.v(0), l.v(5))
	VADDPS(l.v(0), l.v(0), l.v(0))
	l.exp()
	VADDPS(l.f(1), l.v(0), l.v(0))
	VDIVPS(l.v(0), l.in(l.f(2), l.v(1)).(reg.VecPhysical), l.v(0))
	VSUBPS(l.v(0), l.in(l.f(1), l.v(1)).(reg.VecPhysical), l.v(0))
	VMULPS(l.v(5), l.v(5), l.v(1))
	l.poly(tanhPoly, l.v(1), l.v(2))
	VMULPS(l.v(1), l.v(2), l.v(2))
	VFMADD213PS(l.v(5), l.v(5), l.v(2))
	l.pick(cmpLT, l.v(1), l.f(tanhSmall), l.v(2), l.v(0), l.v(4))
}

// softplus is max(x,0) + log1p(exp(-|x|)); with t = exp(-|x|) <= 1, log(1+t) needs at most one halving, and (t-1)/2 is exact there.
func (l lane) softplus() {
	VMOVAPS(l.v(0), l.v(5))
	VORPS(l.bits(1<<31), l.v(0), l.v(0))
	l.exp()
	VSUBPS(l.in(l.f(1), l.v(1)), l.v(0), l.v(1))
	VMULPS(l.f(0.5), l.v(1), l.v(1))
	l.zero(l.v(2))
	one := l.in(l.f(1), l.v(3)).(reg.VecPhysical)
	VMOVAPS(l.v(0), l.v(6))
	l.pick(cmpGT, l.v(6), l.f(sqrt2-1), l.v(1), l.v(0), l.v(4))
	l.pick(cmpGT, l.v(6), l.f(sqrt2-1), one, l.v(2), l.v(4))
	l.log1(l.v(0), l.v(2), l.v(3), l.v(4))
	VMAXPS(l.v(5), l.in(l.f(0), l.v(1)), l.v(5))
	VADDPS(l.v(5), l.v(0), l.v(0))
}
