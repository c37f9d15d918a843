package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func reductions(m *machine) {
	dot(m)
	sum(m)
	finite(m)
}

// halves returns how many vectors stand for 64 bytes: AVX2 uses pairs, so that both sets add in the same order.
func (m *machine) halves() int { return 64 / m.bytes }

// fold adds the 4*halves sums of single precision to one number in X0.
func (m *machine) fold() {
	h := m.halves()
	for i := range h {
		VADDPS(m.vec[h+i], m.vec[i], m.vec[i])
		VADDPS(m.vec[3*h+i], m.vec[2*h+i], m.vec[2*h+i])
		VADDPS(m.vec[2*h+i], m.vec[i], m.vec[i])
	}
	if m.neon { // in the order of the others
		VADDPS(m.vec[2], m.vec[0], m.vec[0])
		VADDPS(m.vec[3], m.vec[1], m.vec[1])
		VADDPS(m.vec[1], m.vec[0], m.vec[0])
		VHADDPS(m.vec[0], m.vec[0], m.vec[0])
		VHADDPS(m.vec[0], m.vec[0], m.vec[0])
		return
	}
	if m.wide {
		VEXTRACTF32X8(U8(1), reg.Z0, reg.Y1)
	}
	VADDPS(reg.Y1, reg.Y0, reg.Y0)
	VEXTRACTF128(U8(1), reg.Y0, reg.X1)
	VADDPS(reg.X1, reg.X0, reg.X0)
	VHADDPS(reg.X0, reg.X0, reg.X0)
	VHADDPS(reg.X0, reg.X0, reg.X0)
}

func dot(m *machine) {
	m.text("dot", "func(a, b []float32) float32", "is the scalar product, in 64 interleaved sums.")
	Load(Param("a").Base(), reg.RSI)
	Load(Param("b").Base(), reg.RDI)
	Load(Param("a").Len(), reg.RCX)
	n := 4 * m.halves()
	for i := range n {
		m.zero(m.vec[i])
	}
	Label("loop")
	CMPQ(reg.RCX, Imm(64))
	JLT(LabelRef("rest"))
	for i := range n {
		t := m.vec[n+i%4]
		VMOVUPS(Mem{Base: reg.RSI, Disp: m.bytes * i}, t)
		VFMADD231PS(Mem{Base: reg.RDI, Disp: m.bytes * i}, t, m.vec[i])
	}
	ADDQ(U32(256), reg.RSI)
	ADDQ(U32(256), reg.RDI)
	SUBQ(U32(64), reg.RCX)
	JMP(LabelRef("loop"))
	// sixteen at a time into the first sum, the last ones masked
	mask := [2]reg.VecPhysical{m.vec[14], m.vec[15]}
	Label("rest")
	CMPQ(reg.RCX, Imm(16))
	JLT(LabelRef("tail"))
	for i := range m.halves() {
		t := m.vec[n+i]
		VMOVUPS(Mem{Base: reg.RSI, Disp: m.bytes * i}, t)
		VFMADD231PS(Mem{Base: reg.RDI, Disp: m.bytes * i}, t, m.vec[i])
	}
	ADDQ(U32(64), reg.RSI)
	ADDQ(U32(64), reg.RDI)
	SUBQ(U32(16), reg.RCX)
	JMP(LabelRef("rest"))
	Label("tail")
	TESTQ(reg.RCX, reg.RCX)
	JZ(LabelRef("end"))
	for i := range m.halves() {
		if m.neon {
			m.lanesOf(reg.RCX, reg.RBX, reg.R8, i)
			m.laneMask(reg.RBX, 4, reg.K1, nil, nil, nil)
		} else if m.halves() == 2 { // lanes min(n,8) and max(0,n-8)
			MOVQ(reg.RCX, reg.RBX)
			if i == 0 {
				MOVQ(U32(8), reg.R8)
				CMPQ(reg.RBX, reg.R8)
				CMOVQGT(reg.R8, reg.RBX)
			} else {
				XORQ(reg.R8, reg.R8)
				SUBQ(U32(8), reg.RBX)
				CMOVQLT(reg.R8, reg.RBX)
			}
			m.laneMask(reg.RBX, 4, reg.K1, mask[i%2], reg.RAX, reg.R12)
		} else {
			m.laneMask(reg.RCX, 4, reg.K1, mask[i%2], reg.RAX, reg.R12)
		}
		a, b := m.vec[n], m.vec[n+1]
		m.loadMasked(Mem{Base: reg.RSI, Disp: m.bytes * i}, reg.K1, mask[i%2], a, 4)
		m.loadMasked(Mem{Base: reg.RDI, Disp: m.bytes * i}, reg.K1, mask[i%2], b, 4)
		VFMADD231PS(b, a, m.vec[i])
	}
	Label("end")
	m.fold()
	VZEROUPPER()
	Store(reg.X0, ReturnIndex(0))
	RET()
}

// lanesOf sets lanes to those of n numbers that vector i of them has.
func (m *machine) lanesOf(n, lanes, t reg.GPPhysical, i int) {
	MOVQ(n, lanes)
	XORQ(t, t)
	SUBQ(U32(uint32(i*m.lanes(4))), lanes)
	CMOVQLT(t, lanes)
	MOVQ(U32(uint32(m.lanes(4))), t)
	CMPQ(lanes, t)
	CMOVQGT(t, lanes)
}

func sum(m *machine) {
	m.text("sum", "func(x []float32) float64", "adds in float64, in 32 interleaved sums.")
	Load(Param("x").Base(), reg.RSI)
	Load(Param("x").Len(), reg.RCX)
	h := m.halves()
	n, l := 4*h, m.lanes(8)
	for i := range n {
		m.zero(m.vec[i])
	}
	Label("loop")
	CMPQ(reg.RCX, Imm(32))
	JLT(LabelRef("rest"))
	for i := range n {
		t := m.vec[n+i%4]
		VCVTPS2PD(Mem{Base: reg.RSI, Disp: 4 * l * i}, t)
		VADDPD(t, m.vec[i], m.vec[i])
	}
	ADDQ(U32(128), reg.RSI)
	SUBQ(U32(32), reg.RCX)
	JMP(LabelRef("loop"))
	Label("rest")
	m.fold64()
	Label("one")
	TESTQ(reg.RCX, reg.RCX)
	JZ(LabelRef("end"))
	VXORPS(reg.X1, reg.X1, reg.X1)
	VCVTSS2SD(Mem{Base: reg.RSI}, reg.X1, reg.X1)
	VADDSD(reg.X1, reg.X0, reg.X0)
	ADDQ(U32(4), reg.RSI)
	DECQ(reg.RCX)
	JMP(LabelRef("one"))
	Label("end")
	VZEROUPPER()
	Store(reg.X0, ReturnIndex(0))
	RET()
}

// fold64 adds the 4*halves sums of double precision to one number in X0.
func (m *machine) fold64() {
	h := m.halves()
	for i := range h {
		VADDPD(m.vec[h+i], m.vec[i], m.vec[i])
		VADDPD(m.vec[3*h+i], m.vec[2*h+i], m.vec[2*h+i])
		VADDPD(m.vec[2*h+i], m.vec[i], m.vec[i])
	}
	if m.neon {
		VADDPD(m.vec[2], m.vec[0], m.vec[0])
		VADDPD(m.vec[3], m.vec[1], m.vec[1])
		VADDPD(m.vec[1], m.vec[0], m.vec[0])
		VHADDPD(m.vec[0], m.vec[0], m.vec[0])
		return
	}
	if m.wide {
		VEXTRACTF64X4(U8(1), reg.Z0, reg.Y1)
	}
	VADDPD(reg.Y1, reg.Y0, reg.Y0)
	VEXTRACTF128(U8(1), reg.Y0, reg.X1)
	VADDPD(reg.X1, reg.X0, reg.X0)
	VHADDPD(reg.X0, reg.X0, reg.X0)
}

// finite adds up x - x, which is 0 for finite numbers and NaN otherwise.
func finite(m *machine) {
	m.text("finite", "func(x []float32) bool", "reports whether no element is NaN or infinite.")
	Load(Param("x").Base(), reg.RSI)
	Load(Param("x").Len(), reg.RCX)
	acc, t, mask := m.vec[0], m.vec[1], m.vec[2]
	m.zero(acc)
	SUBQ(U32(uint32(m.lanes(4))), reg.RCX)
	JLT(LabelRef("tail"))
	Label("loop")
	VMOVUPS(Mem{Base: reg.RSI}, t)
	VSUBPS(t, t, t)
	VADDPS(t, acc, acc)
	ADDQ(U32(uint32(m.bytes)), reg.RSI)
	SUBQ(U32(uint32(m.lanes(4))), reg.RCX)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(U32(uint32(m.lanes(4))), reg.RCX)
	JZ(LabelRef("end"))
	m.laneMask(reg.RCX, 4, reg.K1, mask, reg.RAX, reg.R12)
	m.loadMasked(Mem{Base: reg.RSI}, reg.K1, mask, t, 4)
	VSUBPS(t, t, t)
	VADDPS(t, acc, acc)
	Label("end")
	if m.wide {
		VCMPPS(U8(cmpUnord), acc, acc, reg.K1)
		KMOVW(reg.K1, reg.EAX)
	} else {
		VCMPPS(U8(cmpUnord), acc, acc, acc)
		VMOVMSKPS(acc, reg.EAX)
	}
	TESTL(reg.EAX, reg.EAX)
	SETEQ(reg.AL)
	VZEROUPPER()
	Store(reg.AL, ReturnIndex(0))
	RET()
}
