package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const cmpGE = 29 // ordered, false for NaN

// reach compares numbers with two thresholds each and packs the answers into bits, sixteen at a time.
func reach(m *machine) {
	m.text("reach", "func(n int, mask *uint64, x, h, v *float32, c, e float32)",
		"sets bit i of mask, up to a multiple of 16, where i < n and x[i] >= h[i]+c or x[i] >= v[i]+e.")
	n, out := param("n", reg.RCX), param("mask", reg.RDI)
	x, h, g := param("x", reg.RSI), param("h", reg.R9), param("v", reg.R10)
	c, e := m.scalar("c", 4), m.scalar("e", 4)
	Label("loop")
	CMPQ(n, Imm(16))
	JLT(LabelRef("tail"))
	for i := range m.halves() {
		at := func(r reg.GPPhysical) Mem { return Mem{Base: r, Disp: m.bytes * i} }
		VMOVUPS(at(x), m.vec[0])
		VADDPS(at(h), c, m.vec[1])
		VADDPS(at(g), e, m.vec[2])
		m.reached(i)
	}
	MOVW(reg.AX, Mem{Base: out})
	ADDQ(Imm(2), out)
	for _, r := range []reg.GPPhysical{x, h, g} {
		ADDQ(Imm(64), r)
	}
	SUBQ(Imm(16), n)
	JMP(LabelRef("loop"))
	Label("tail")
	TESTQ(n, n)
	JZ(LabelRef("end"))
	if m.neon {
		m.reachTail(n, x, h, g, c, e)
	}
	for i := range m.halves() {
		if m.neon {
			break
		}
		lanes := reg.RBX // of this half: min(n, 8) and max(0, n-8), or all n
		MOVQ(n, lanes)
		if m.halves() == 2 {
			MOVQ(U32(8), reg.R8)
			if i == 0 {
				CMPQ(lanes, reg.R8)
				CMOVQGT(reg.R8, lanes)
			} else {
				XORQ(reg.R11, reg.R11)
				SUBQ(reg.R8, lanes)
				CMOVQLT(reg.R11, lanes)
			}
		}
		m.laneMask(lanes, 4, reg.K3, m.vec[4], reg.R12, reg.R8)
		for t, r := range []reg.GPPhysical{x, h, g} {
			m.loadMasked(Mem{Base: r, Disp: m.bytes * i}, reg.K3, m.vec[4], m.vec[t], 4)
		}
		VADDPS(m.vec[1], c, m.vec[1])
		VADDPS(m.vec[2], e, m.vec[2])
		m.tailMask(m.vec[0], m.vec[4])
		m.reached(i)
	}
	MOVW(reg.AX, Mem{Base: out})
	Label("end")
	m.end()
}

// reachTail is the tail where a mask holds a count: what the lanes that are not there answer is taken away from the bits.
func (m *machine) reachTail(n, x, h, g reg.GPPhysical, c, e reg.VecPhysical) {
	for i := range m.halves() {
		m.lanesOf(n, reg.RBX, reg.R8, i)
		m.laneMask(reg.RBX, 4, reg.K1, nil, nil, nil)
		for t, r := range []reg.GPPhysical{x, h, g} {
			m.loadMasked(Mem{Base: r, Disp: m.bytes * i}, reg.K1, nil, m.vec[t], 4)
		}
		VADDPS(m.vec[1], c, m.vec[1])
		VADDPS(m.vec[2], e, m.vec[2])
		m.reached(i)
	}
	MOVQ(U32(1), reg.RDX)
	SHLQ(reg.CL, reg.RDX)
	DECQ(reg.RDX)
	ANDQ(reg.RDX, reg.RAX)
}

// tailMask makes numbers outside the mask such that no comparison with them holds: not numbers.
func (m *machine) tailMask(x, mask reg.VecPhysical) {
	nan := m.vec[3]
	VMOVUPS(m.words(0x7fc00000), nan)
	if m.wide { // not reached by NEON, see reachTail
		VMOVAPS(x, reg.K3, nan)
		VMOVAPS(nan, x)
		return
	}
	VBLENDVPS(mask, x, nan, x)
}

// reached puts the answers of half i, of number 0 against sums 1 and 2, into their bits of AX.
func (m *machine) reached(i int) {
	if m.wide && !m.neon {
		VCMPPS(U8(cmpGE), m.vec[1], m.vec[0], reg.K1)
		VCMPPS(U8(cmpGE), m.vec[2], m.vec[0], reg.K2)
		KORW(reg.K1, reg.K2, reg.K1)
		KMOVW(reg.K1, reg.EAX)
		return
	}
	VCMPPS(U8(cmpGE), m.vec[1], m.vec[0], m.vec[1])
	VCMPPS(U8(cmpGE), m.vec[2], m.vec[0], m.vec[2])
	VORPS(m.vec[1], m.vec[2], m.vec[1])
	if i == 0 {
		VMOVMSKPS(m.vec[1], reg.EAX)
		return
	}
	VMOVMSKPS(m.vec[1], reg.EDX)
	SHLL(U8(uint8(i*m.lanes(4))), reg.EDX)
	ORL(reg.EDX, reg.EAX)
}

// cubes sums third powers in four strands. It takes four at a time with AVX-512 too: the strands are part of the result, and none waits for another.
func cubes(m *machine) {
	m.text("cubes", "func(n int, sums *[4]float64, dots *float32, offset *float64, own, gamma, coef float64)",
		"adds ((dots[i] + (own+offset[i]))*gamma + coef)^3 to sums[i%4] for i < n, a multiple of 4.")
	n, sums, dots, offset := param("n", reg.RCX), param("sums", reg.RDI), param("dots", reg.RSI), param("offset", reg.RDX)
	if m.neon {
		m.cubesByTwo(n, sums, dots, offset)
		return
	}
	scalar := func(name string, v reg.VecPhysical) {
		b, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		VBROADCASTSD(b.Addr, v)
	}
	scalar("own", reg.Y1)
	scalar("gamma", reg.Y2)
	scalar("coef", reg.Y3)
	VMOVUPD(Mem{Base: sums}, reg.Y0)
	Label("loop")
	SUBQ(Imm(4), n)
	JLT(LabelRef("end"))
	VCVTPS2PD(Mem{Base: dots}, reg.Y4)
	VADDPD(Mem{Base: offset}, reg.Y1, reg.Y5)
	VADDPD(reg.Y5, reg.Y4, reg.Y4)
	VMULPD(reg.Y2, reg.Y4, reg.Y4)
	VADDPD(reg.Y3, reg.Y4, reg.Y4)
	VMULPD(reg.Y4, reg.Y4, reg.Y5)
	VMULPD(reg.Y4, reg.Y5, reg.Y5)
	VADDPD(reg.Y5, reg.Y0, reg.Y0)
	ADDQ(Imm(16), dots)
	ADDQ(Imm(32), offset)
	JMP(LabelRef("loop"))
	Label("end")
	VMOVUPD(reg.Y0, Mem{Base: sums})
	m.end()
}

// cubesByTwo keeps the strands in two vectors.
func (m *machine) cubesByTwo(n, sums, dots, offset reg.GPPhysical) {
	own, gamma, coef := m.scalar("own", 8), m.scalar("gamma", 8), m.scalar("coef", 8)
	for h := range 2 {
		VMOVUPD(Mem{Base: sums, Disp: 16 * h}, m.vec[h])
	}
	Label("loop")
	SUBQ(Imm(4), n)
	JLT(LabelRef("end"))
	for h := range 2 {
		x, y := m.vec[2+h], m.vec[4+h]
		VCVTPS2PD(Mem{Base: dots, Disp: 8 * h}, x)
		VADDPD(Mem{Base: offset, Disp: 16 * h}, own, y)
		VADDPD(y, x, x)
		VMULPD(gamma, x, x)
		VADDPD(coef, x, x)
		VMULPD(x, x, y)
		VMULPD(x, y, y)
		VADDPD(y, m.vec[h], m.vec[h])
	}
	ADDQ(Imm(16), dots)
	ADDQ(Imm(32), offset)
	JMP(LabelRef("loop"))
	Label("end")
	for h := range 2 {
		VMOVUPD(m.vec[h], Mem{Base: sums, Disp: 16 * h})
	}
	m.end()
}
