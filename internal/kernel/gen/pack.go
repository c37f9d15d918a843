package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packers emits the transposing packers for panels of A (tile rows wide) and of B (16 columns at a time), and the copying one.
func packers(m *machine) {
	mr, nr := m.tileRows(), 2*m.lanes(4)
	sig := "func(dst *float32, rows *[16]*float32, k int)"
	doc := "transposes %d rows into columns of a panel %d wide; it writes up to 16 floats a line."
	m.text("tpackA", sig, fmt.Sprintf(doc, mr, mr))
	transpose(m, mr, mr)
	m.text("tpackB", sig, fmt.Sprintf(doc, min(16, nr), nr))
	transpose(m, min(16, nr), nr)
	copier(m, mr)
}

func transpose(m *machine, cnt, stride int) {
	dst, rows, k := param("dst", reg.RDI), param("rows", reg.RSI), param("k", reg.RCX)
	if m.neon {
		for q := 0; q < cnt; q += 4 {
			transpose4(m, dst, rows, k, q, stride)
		}
		m.end()
		return
	}
	if m.wide {
		transpose16(m, dst, rows, k, cnt, stride)
		m.end()
		return
	}
	for q := 0; q < cnt; q += 8 {
		if q > 0 {
			param("dst", dst)
			ADDQ(U32(32), dst)
			param("k", k)
		}
		transpose8(m, dst, rows, k, q, min(8, cnt-q), stride)
	}
	m.end()
}

// transpose16 does 16 x 16 blocks in registers: two unpacks, two lane shuffles.
func transpose16(m *machine, dst, rows, k reg.GPPhysical, cnt, stride int) {
	r := func(i int) reg.VecPhysical { return m.vec[i] }
	t := func(i int) reg.VecPhysical { return m.vec[16+i] }
	XORQ(reg.R9, reg.R9)
	MOVQ(I32(0xffff), reg.RAX)
	KMOVW(reg.EAX, reg.K2)
	Label("blk")
	CMPQ(k, Imm(16))
	JGE(LabelRef("full"))
	TESTQ(k, k)
	JZ(LabelRef("end"))
	BZHIQ(k, reg.RAX, reg.RAX)
	KMOVW(reg.EAX, reg.K2)
	Label("full")
	for i := range 16 {
		if i >= cnt {
			m.zero(r(i))
			continue
		}
		MOVQ(Mem{Base: rows, Disp: 8 * i}, reg.R8)
		VMOVUPS_Z(Mem{Base: reg.R8, Index: reg.R9, Scale: 1}, reg.K2, r(i))
	}
	for i := range 8 {
		VUNPCKLPS(r(2*i+1), r(2*i), t(2*i))
		VUNPCKHPS(r(2*i+1), r(2*i), t(2*i+1))
	}
	for b := 0; b < 16; b += 4 {
		VUNPCKLPD(t(b+2), t(b), r(b))
		VUNPCKHPD(t(b+2), t(b), r(b+1))
		VUNPCKLPD(t(b+3), t(b+1), r(b+2))
		VUNPCKHPD(t(b+3), t(b+1), r(b+3))
	}
	for b := 0; b < 16; b += 8 {
		for i := range 4 {
			VSHUFF32X4(U8(0x88), r(b+4+i), r(b+i), t(b+i))
			VSHUFF32X4(U8(0xdd), r(b+4+i), r(b+i), t(b+4+i))
		}
	}
	for i := range 8 {
		VSHUFF32X4(U8(0x88), t(8+i), t(i), r(i))
		VSHUFF32X4(U8(0xdd), t(8+i), t(i), r(8+i))
	}
	CMPQ(k, Imm(16))
	JLT(LabelRef("part"))
	for i := range 16 {
		VMOVUPS(r(i), Mem{Base: dst, Disp: 4 * stride * i})
	}
	ADDQ(U32(uint32(64*stride)), dst)
	ADDQ(U32(64), reg.R9)
	SUBQ(U32(16), k)
	JMP(LabelRef("blk"))
	Label("part")
	for i := range 15 {
		VMOVUPS(r(i), Mem{Base: dst, Disp: 4 * stride * i})
		DECQ(k)
		JZ(LabelRef("end"))
	}
	Label("end")
}

// transpose8 does 8 x 8 blocks of rows q..q+cnt.
func transpose8(m *machine, dst, rows, k reg.GPPhysical, q, cnt, stride int) {
	at := []reg.GPPhysical{reg.R8, reg.R10, reg.R11, reg.R12, reg.R13, reg.R15, reg.RBX, reg.RDX}
	r := func(i int) reg.VecPhysical { return m.vec[i] }
	t := func(i int) reg.VecPhysical { return m.vec[8+i] }
	l := func(s string) string { return fmt.Sprint(s, q) }
	for i := range cnt {
		MOVQ(Mem{Base: rows, Disp: 8 * (q + i)}, at[i])
	}
	XORQ(reg.R9, reg.R9)
	Label(l("blk"))
	CMPQ(k, Imm(8))
	JGE(LabelRef(l("full")))
	TESTQ(k, k)
	JZ(LabelRef(l("end")))
	LEAQ(m.maskTable().Offset(0), reg.RAX)
	NEGQ(k)
	VMOVUPS(Mem{Base: reg.RAX, Index: k, Scale: 4, Disp: 32}, m.vec[15])
	NEGQ(k)
	for i := range cnt {
		VMASKMOVPS(Mem{Base: at[i], Index: reg.R9, Scale: 1}, m.vec[15], r(i))
	}
	JMP(LabelRef(l("turn")))
	Label(l("full"))
	for i := range cnt {
		VMOVUPS(Mem{Base: at[i], Index: reg.R9, Scale: 1}, r(i))
	}
	Label(l("turn"))
	for i := cnt; i < 8; i++ {
		m.zero(r(i))
	}
	for i := range 4 {
		VUNPCKLPS(r(2*i+1), r(2*i), t(2*i))
		VUNPCKHPS(r(2*i+1), r(2*i), t(2*i+1))
	}
	for b := 0; b < 8; b += 4 {
		VUNPCKLPD(t(b+2), t(b), r(b))
		VUNPCKHPD(t(b+2), t(b), r(b+1))
		VUNPCKLPD(t(b+3), t(b+1), r(b+2))
		VUNPCKHPD(t(b+3), t(b+1), r(b+3))
	}
	for i := range 4 {
		VPERM2F128(U8(0x20), r(4+i), r(i), t(i))
		VPERM2F128(U8(0x31), r(4+i), r(i), t(4+i))
	}
	CMPQ(k, Imm(8))
	JLT(LabelRef(l("part")))
	for i := range 8 {
		VMOVUPS(t(i), Mem{Base: dst, Disp: 4 * stride * i})
	}
	ADDQ(U32(uint32(32*stride)), dst)
	ADDQ(U32(32), reg.R9)
	SUBQ(U32(8), k)
	JMP(LabelRef(l("blk")))
	Label(l("part"))
	for i := range 7 {
		VMOVUPS(t(i), Mem{Base: dst, Disp: 4 * stride * i})
		DECQ(k)
		JZ(LabelRef(l("end")))
	}
	Label(l("end"))
}

// transpose4 does 4 x 4 blocks of rows q to q+3.
func transpose4(m *machine, dst, rows, k reg.GPPhysical, q, stride int) {
	at := []reg.GPPhysical{reg.R8, reg.R10, reg.R11, reg.R12}
	l := func(s string) string { return fmt.Sprint(s, q) }
	for i := range 4 {
		MOVQ(Mem{Base: rows, Disp: 8 * (q + i)}, at[i])
	}
	to, left := reg.RBX, reg.RDX
	LEAQ(Mem{Base: dst, Disp: 4 * q}, to)
	MOVQ(k, left)
	XORQ(reg.R9, reg.R9)
	Label(l("blk"))
	CMPQ(left, Imm(4))
	JLT(LabelRef(l("rest")))
	for i := range 4 {
		VMOVUPS(Mem{Base: at[i], Index: reg.R9, Scale: 1}, m.vec[i])
	}
	for _, v := range m.transpose() {
		VMOVUPS(v, Mem{Base: to})
		ADDQ(U32(uint32(4*stride)), to)
	}
	ADDQ(U32(16), reg.R9)
	SUBQ(U32(4), left)
	JMP(LabelRef(l("blk")))
	Label(l("rest"))
	TESTQ(left, left)
	JZ(LabelRef(l("end")))
	m.laneMask(left, 4, reg.K1, nil, nil, nil)
	for i := range 4 {
		m.loadMasked(Mem{Base: at[i], Index: reg.R9, Scale: 1}, reg.K1, nil, m.vec[i], 4)
	}
	for _, v := range m.transpose()[:3] {
		VMOVUPS(v, Mem{Base: to})
		ADDQ(U32(uint32(4*stride)), to)
		DECQ(left)
		JZ(LabelRef(l("end")))
	}
	Label(l("end"))
}

// copier4 is cpack for vectors so short that a line has several.
func copier4(m *machine) {
	dst, src, k := param("dst", reg.RDI), param("src", reg.RSI), param("k", reg.RCX)
	ss, ds, cnt, width := param("sstride", reg.R9), param("dstride", reg.RDX), param("cnt", reg.R10), param("width", reg.R11)
	SHLQ(U8(2), ss)
	SHLQ(U8(2), ds)
	have, room, at := reg.RAX, reg.RBX, reg.R8 // floats left in the source, in the line; offset
	v, four := m.vec[0], U32(4)
	clamped := func(n reg.GPPhysical, k reg.OpmaskPhysical) { // of n lanes between 0 and 4
		MOVQ(n, reg.R12)
		MOVQ(four, reg.R13)
		CMPQ(reg.R12, reg.R13)
		CMOVQGT(reg.R13, reg.R12)
		XORQ(reg.R13, reg.R13)
		CMPQ(reg.R12, Imm(0))
		CMOVQLT(reg.R13, reg.R12)
		m.laneMask(reg.R12, 4, k, nil, nil, nil)
	}
	Label("line")
	TESTQ(k, k)
	JZ(LabelRef("end"))
	MOVQ(cnt, have)
	MOVQ(width, room)
	XORQ(at, at)
	Label("whole")
	CMPQ(have, Imm(4))
	JLT(LabelRef("part"))
	VMOVUPS(Mem{Base: src, Index: at, Scale: 1}, v)
	VMOVUPS(v, Mem{Base: dst, Index: at, Scale: 1})
	ADDQ(U32(16), at)
	SUBQ(four, have)
	SUBQ(four, room)
	JMP(LabelRef("whole"))
	Label("part")
	CMPQ(room, Imm(0))
	JLE(LabelRef("next"))
	clamped(have, reg.K1)
	clamped(room, reg.K2)
	m.loadMasked(Mem{Base: src, Index: at, Scale: 1}, reg.K1, nil, v, 4)
	m.storeMasked(v, reg.K2, nil, Mem{Base: dst, Index: at, Scale: 1}, 4)
	ADDQ(U32(16), at)
	SUBQ(four, have)
	SUBQ(four, room)
	JMP(LabelRef("part"))
	Label("next")
	ADDQ(ss, src)
	ADDQ(ds, dst)
	DECQ(k)
	JMP(LabelRef("line"))
	Label("end")
	m.end()
}

// copier emits cpack: up to two vectors of k strided rows, zero-filled to width. Whole tiles go unmasked.
func copier(m *machine, mr int) {
	nr := 2 * m.lanes(4)
	m.text("cpack", "func(dst, src *float32, k, sstride, dstride, cnt, width int)", "copies cnt columns of k rows and zero-fills them to width.")
	if m.neon {
		copier4(m)
		return
	}
	dst, src, k := param("dst", reg.RDI), param("src", reg.RSI), param("k", reg.RCX)
	ss, ds, cnt, width := param("sstride", reg.R9), param("dstride", reg.RDX), param("cnt", reg.R10), param("width", reg.R11)
	SHLQ(U8(2), ss)
	SHLQ(U8(2), ds)
	TESTQ(k, k)
	JZ(LabelRef("end"))
	v0, v1, k0, k1 := m.vec[0], m.vec[1], reg.K1, reg.K2
	lm0, lm1, sm0, sm1 := m.vec[4], m.vec[5], m.vec[6], m.vec[7]
	d, s := Mem{Base: dst}, Mem{Base: src}
	next := func(label string) {
		ADDQ(ss, src)
		ADDQ(ds, dst)
		DECQ(k)
		JNZ(LabelRef(label))
	}
	CMPQ(cnt, width)
	JNE(LabelRef("masked"))
	CMPQ(cnt, Imm(uint64(nr)))
	JNE(LabelRef("narrow"))
	Label("whole")
	VMOVUPS(s, v0)
	VMOVUPS(s.Offset(m.bytes), v1)
	VMOVUPS(v0, d)
	VMOVUPS(v1, d.Offset(m.bytes))
	next("whole")
	JMP(LabelRef("end"))
	Label("narrow")
	if !m.wide { // a panel of A: four and two floats
		CMPQ(cnt, Imm(uint64(2*mr)))
		JEQ(LabelRef("twelve"))
		CMPQ(cnt, Imm(uint64(mr)))
		JNE(LabelRef("masked"))
		Label("six")
		VMOVUPS(s, reg.X0)
		VMOVSD(s.Offset(16), reg.X1)
		VMOVUPS(reg.X0, d)
		VMOVSD(reg.X1, d.Offset(16))
		next("six")
		JMP(LabelRef("end"))
		Label("twelve") // the same panel of float64
		VMOVUPS(s, v0)
		VMOVUPS(s.Offset(32), reg.X1)
		VMOVUPS(v0, d)
		VMOVUPS(reg.X1, d.Offset(32))
		next("twelve")
		JMP(LabelRef("end"))
	}
	Label("masked")
	half := func(n reg.GPPhysical, lo bool) {
		MOVQ(n, reg.RBX)
		if lo {
			MOVQ(U32(uint32(m.lanes(4))), reg.R8)
			CMPQ(reg.RBX, reg.R8)
			CMOVQGT(reg.R8, reg.RBX)
			return
		}
		XORQ(reg.R8, reg.R8)
		SUBQ(U32(uint32(m.lanes(4))), reg.RBX)
		CMOVQLT(reg.R8, reg.RBX)
	}
	for _, x := range []struct {
		n  reg.GPPhysical
		lo bool
		k  reg.OpmaskPhysical
		v  reg.VecPhysical
	}{{cnt, true, k0, lm0}, {cnt, false, k1, lm1}, {width, true, reg.K3, sm0}, {width, false, reg.K4, sm1}} {
		half(x.n, x.lo)
		m.laneMask(reg.RBX, 4, x.k, x.v, reg.RAX, reg.R12)
	}
	TESTQ(reg.RBX, reg.RBX) // lanes of the second vector
	JZ(LabelRef("one"))
	Label("two")
	m.loadMasked(s, k0, lm0, v0, 4)
	m.loadMasked(s.Offset(m.bytes), k1, lm1, v1, 4)
	VMOVUPS(v0, d)
	m.storeMasked(v1, reg.K4, sm1, d.Offset(m.bytes), 4)
	next("two")
	JMP(LabelRef("end"))
	Label("one")
	m.loadMasked(s, k0, lm0, v0, 4)
	m.storeMasked(v0, reg.K3, sm0, d, 4)
	next("one")
	Label("end")
	m.end()
}
