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
	for i := range m.halves() {
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

// tailMask makes numbers outside the mask such that no comparison with them holds: not numbers.
func (m *machine) tailMask(x, mask reg.VecPhysical) {
	nan := m.vec[3]
	VMOVUPS(m.words(0x7fc00000), nan)
	if m.wide {
		VMOVAPS(x, reg.K3, nan)
		VMOVAPS(nan, x)
		return
	}
	VBLENDVPS(mask, x, nan, x)
}

// reached puts the answers of half i, of number 0 against sums 1 and 2, into their bits of AX.
func (m *machine) reached(i int) {
	if m.wide {
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
	SHLL(U8(8), reg.EDX)
	ORL(reg.EDX, reg.EAX)
}

// fetch asks for memory ahead of its use. It reads nothing, so that it may ask for what is not there.
func fetch(m *machine) {
	m.text("fetch", "func(lines int, p *float32)", "asks for lines of 64 bytes from p on in the second-level cache.")
	n, p := param("lines", reg.RCX), param("p", reg.RSI)
	Label("loop")
	TESTQ(n, n)
	JLE(LabelRef("end"))
	PREFETCHT1(Mem{Base: p})
	ADDQ(Imm(64), p)
	DECQ(n)
	JMP(LabelRef("loop"))
	Label("end")
	RET()
}
