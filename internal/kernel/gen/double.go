package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// double emits the float64 primitives.
func double(m *machine) {
	gemm64(m)
	direct64(m)
	packers64(m)
	four(m, "symv4", true, true)
	four(m, "dot4", true, false)
	four(m, "axpy4", false, true)
	vectors64(m)
}

func gemm64(m *machine) {
	mr := m.tileRows()
	m.text("gemm64_", "func(k int, a, b *float64, rows *[16]*float64, coff, w int, alpha float64, add int)",
		fmt.Sprintf("multiplies a packed panel of %d rows with one of %d columns, times alpha, into a tile.", mr, 2*m.lanes(8)))
	t := &tile{m: m, mr: mr, stride: mr, size: 8}
	k, a, b := param("k", reg.RCX), param("a", reg.RAX), param("b", reg.RBX)
	t.rows, t.off, t.w = param("rows", reg.RDI), param("coff", reg.RSI), param("w", reg.RDX)
	SHLQ(U8(3), t.off)
	t.prefetch()
	t.clear()
	t.loop("", 2, k, a, b)
	t.finish64()
}

// finish64 emits what follows the sums in double precision: alpha, old values and storing, for whole and for partial tiles.
func (t *tile) finish64() {
	m, add := t.m, param("add", reg.R11)
	alpha := m.vec[len(m.vec)-1]
	p, _ := Param("alpha").Resolve()
	m.broadcast64(p.Addr, alpha)
	for i := range 2 * t.mr {
		VMULPD(alpha, m.vec[i], m.vec[i])
	}
	for _, part := range []bool{false, true} {
		n := map[bool]string{false: "Full", true: "Part"}[part]
		if part {
			Label("partial")
			t.masks()
		} else {
			CMPQ(t.w, Imm(uint64(2*m.lanes(8))))
			JNE(LabelRef("partial"))
		}
		TESTQ(add, add)
		JZ(LabelRef("noAdd" + n))
		t.addOld(part)
		Label("noAdd" + n)
		t.store(part)
		m.end()
	}
}

// packers64 emits the transposing packers of float64 panels; the copying packer of float32 serves both.
func packers64(m *machine) {
	sig := "func(dst *float64, rows *[16]*float64, k int)"
	doc := "transposes %d rows into columns of a panel %d wide; it writes up to %d numbers a line."
	mr, nr := m.tileRows(), 2*m.lanes(8)
	m.text("tpackA64_", sig, fmt.Sprintf(doc, mr, mr, nr))
	transpose64(m, mr, mr)
	m.text("tpackB64_", sig, fmt.Sprintf(doc, nr, nr, nr))
	transpose64(m, nr, nr)
}

// transpose64 turns blocks of two vectors' worth of rows and one of columns. Both halves of a line are stored together,
// because the second may run over into the next line.
func transpose64(m *machine, cnt, stride int) {
	if m.neon {
		transposePairs(m, cnt, stride)
		return
	}
	n := m.lanes(8)
	dst, rows, k := param("dst", reg.RDI), param("rows", reg.RSI), param("k", reg.RCX)
	mask := m.vec[2*n]
	XORQ(reg.R9, reg.R9)
	Label("blk")
	MOVQ(k, reg.RBX)
	MOVQ(U32(uint32(n)), reg.R8)
	CMPQ(reg.RBX, reg.R8)
	CMOVQGT(reg.R8, reg.RBX)
	TESTQ(k, k)
	JZ(LabelRef("end"))
	for h := range 2 {
		m.laneMask(reg.RBX, 8, reg.K1, mask, reg.RAX, reg.R12)
		for i := range n {
			v := m.vec[h*n+i]
			if h*n+i >= cnt {
				m.zero(v)
				continue
			}
			MOVQ(Mem{Base: rows, Disp: 8 * (h*n + i)}, reg.R8)
			m.loadMasked(Mem{Base: reg.R8, Index: reg.R9, Scale: 1}, reg.K1, mask, v, 8)
		}
		turn64(m, m.vec[h*n:h*n+n], m.vec[2*n:])
	}
	SUBQ(reg.RBX, k)
	for i := range n {
		VMOVUPD(m.vec[i], Mem{Base: dst})
		VMOVUPD(m.vec[n+i], Mem{Base: dst, Disp: m.bytes})
		ADDQ(U32(uint32(8*stride)), dst)
		DECQ(reg.RBX)
		JZ(LabelRef("next"))
	}
	Label("next")
	ADDQ(U32(uint32(m.bytes)), reg.R9)
	JMP(LabelRef("blk"))
	Label("end")
	m.end()
}

// transposePairs turns blocks of two rows and two columns.
func transposePairs(m *machine, cnt, stride int) {
	dst, rows, k := param("dst", reg.RDI), param("rows", reg.RSI), param("k", reg.RCX)
	p, q, to, left := reg.R8, reg.R10, reg.RBX, reg.RDX
	for r := 0; r < cnt; r += 2 {
		l := func(s string) string { return fmt.Sprint(s, r) }
		MOVQ(Mem{Base: rows, Disp: 8 * r}, p)
		MOVQ(Mem{Base: rows, Disp: 8*r + 8}, q)
		LEAQ(Mem{Base: dst, Disp: 8 * r}, to)
		MOVQ(k, left)
		Label(l("blk"))
		SUBQ(U32(2), left)
		JLT(LabelRef(l("rest")))
		VMOVUPD(Mem{Base: p}, m.vec[0])
		VMOVUPD(Mem{Base: q}, m.vec[1])
		VUNPCKLPD(m.vec[1], m.vec[0], m.vec[2])
		VUNPCKHPD(m.vec[1], m.vec[0], m.vec[3])
		for i := range 2 {
			VMOVUPD(m.vec[2+i], Mem{Base: to})
			ADDQ(U32(uint32(8*stride)), to)
		}
		ADDQ(U32(16), p)
		ADDQ(U32(16), q)
		JMP(LabelRef(l("blk")))
		Label(l("rest"))
		ADDQ(U32(2), left)
		JZ(LabelRef(l("end")))
		m.laneMask(left, 8, reg.K1, nil, nil, nil)
		m.loadMasked(Mem{Base: p}, reg.K1, nil, m.vec[0], 8)
		m.loadMasked(Mem{Base: q}, reg.K1, nil, m.vec[1], 8)
		VUNPCKLPD(m.vec[1], m.vec[0], m.vec[2])
		VMOVUPD(m.vec[2], Mem{Base: to})
		Label(l("end"))
	}
	m.end()
}

// turn64 transposes the square in r, using t.
func turn64(m *machine, r, t []reg.VecPhysical) {
	n := len(r)
	for i := 0; i < n; i += 2 {
		VUNPCKLPD(r[i+1], r[i], t[i])
		VUNPCKHPD(r[i+1], r[i], t[i+1])
	}
	if !m.wide {
		for i := range 2 {
			VPERM2F128(U8(0x20), t[2+i], t[i], r[i])
			VPERM2F128(U8(0x31), t[2+i], t[i], r[2+i])
		}
		return
	}
	u := t[8:]
	for i := range 2 { // even and odd columns
		VSHUFF64X2(U8(0x44), t[2+i], t[i], u[0])
		VSHUFF64X2(U8(0x44), t[6+i], t[4+i], u[1])
		VSHUFF64X2(U8(0xee), t[2+i], t[i], u[2])
		VSHUFF64X2(U8(0xee), t[6+i], t[4+i], u[3])
		VSHUFF64X2(U8(0x88), u[1], u[0], r[i])
		VSHUFF64X2(U8(0xdd), u[1], u[0], r[2+i])
		VSHUFF64X2(U8(0x88), u[3], u[2], r[4+i])
		VSHUFF64X2(U8(0xdd), u[3], u[2], r[6+i])
	}
}

// four emits the kernels that read four rows of a matrix at once:
// symv4 does y += a^T f and out = a x in one pass, dot4 only the latter, axpy4 only the former.
func four(m *machine, name string, dots, axpy bool) {
	m.text(name, "func(n int, a *float64, lda int, x, y *float64, f, out *[4]float64)", "handles four rows of a, lda apart.")
	n, a, lda := param("n", reg.RCX), param("a", reg.RAX), param("lda", reg.RDX)
	x, y, f, out := param("x", reg.RSI), param("y", reg.RDI), param("f", reg.R8), param("out", reg.R10)
	SHLQ(U8(3), lda)
	rows := []Mem{{Base: a}, {Base: a, Index: lda, Scale: 1}, {Base: a, Index: lda, Scale: 2}, {Base: reg.R11}}
	LEAQ(Mem{Base: a, Index: lda, Scale: 2}, reg.R11)
	ADDQ(lda, reg.R11)
	acc, fv, xv, yv, av, mask := m.vec[0:4], m.vec[4:8], m.vec[8], m.vec[9], m.vec[10:14], m.vec[14]
	for i := range 4 {
		m.zero(acc[i])
		if axpy {
			m.broadcast64(Mem{Base: f, Disp: 8 * i}, fv[i])
		}
	}
	body := func(load func(Mem, reg.VecPhysical), store func(reg.VecPhysical, Mem)) {
		if dots {
			load(Mem{Base: x}, xv)
		}
		if axpy {
			load(Mem{Base: y}, yv)
		}
		for i := range 4 {
			load(rows[i], av[i])
			if dots {
				VFMADD231PD(av[i], xv, acc[i])
			}
			if axpy {
				VFMADD231PD(av[i], fv[i], yv)
			}
		}
		if axpy {
			store(yv, Mem{Base: y})
		}
	}
	l := uint32(m.lanes(8))
	SUBQ(U32(l), n)
	JLT(LabelRef("tail"))
	Label("loop")
	body(func(p Mem, v reg.VecPhysical) { VMOVUPD(p, v) }, func(v reg.VecPhysical, p Mem) { VMOVUPD(v, p) })
	for _, p := range []reg.GPPhysical{a, reg.R11, x, y} {
		ADDQ(U32(uint32(m.bytes)), p)
	}
	SUBQ(U32(l), n)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(U32(l), n)
	JZ(LabelRef("end"))
	m.laneMask(n, 8, reg.K1, mask, reg.RBX, reg.R12)
	body(func(p Mem, v reg.VecPhysical) { m.loadMasked(p, reg.K1, mask, v, 8) },
		func(v reg.VecPhysical, p Mem) { m.storeMasked(v, reg.K1, mask, p, 8) })
	Label("end")
	if dots {
		for i := range 4 {
			m.fold1(acc[i], i)
			VMOVSD(xmm[i], Mem{Base: out, Disp: 8 * i})
		}
	}
	m.end()
}

var xmm = []reg.VecPhysical{reg.X0, reg.X1, reg.X2, reg.X3}

// fold1 adds the lanes of one vector of double precision, into the low lane of X register i.
func (m *machine) fold1(v reg.VecPhysical, i int) {
	if m.neon {
		VHADDPD(v, v, xmm[i])
		return
	}
	if m.wide {
		VEXTRACTF64X4(U8(1), v, reg.Y15)
		VADDPD(reg.Y15, ymm[i], ymm[i])
	}
	VEXTRACTF128(U8(1), ymm[i], reg.X15)
	VADDPD(reg.X15, xmm[i], xmm[i])
	VHADDPD(xmm[i], xmm[i], xmm[i])
}

// dot64 is the scalar product of doubles in 4*lanes sums, and axpy64 y += f x.
func vectors64(m *machine) {
	m.text("dot64_", "func(n int, x, y *float64) float64", "is the scalar product of n numbers.")
	n, x, y := param("n", reg.RCX), param("x", reg.RSI), param("y", reg.RDI)
	h, l := 4*m.halves(), m.lanes(8)
	for i := range h {
		m.zero(m.vec[i])
	}
	Label("loop")
	CMPQ(n, Imm(32))
	JLT(LabelRef("rest"))
	for i := range h {
		t := m.vec[h+i%4]
		VMOVUPD(Mem{Base: x, Disp: m.bytes * i}, t)
		VFMADD231PD(Mem{Base: y, Disp: m.bytes * i}, t, m.vec[i])
	}
	ADDQ(U32(256), x)
	ADDQ(U32(256), y)
	SUBQ(U32(32), n)
	JMP(LabelRef("loop"))
	Label("rest")
	TESTQ(n, n)
	JZ(LabelRef("end"))
	MOVQ(n, reg.RBX)
	MOVQ(U32(uint32(l)), reg.R8)
	CMPQ(reg.RBX, reg.R8)
	CMOVQGT(reg.R8, reg.RBX)
	above := max(h, 12) // the sums
	mask, t, u := m.vec[above+2], m.vec[above], m.vec[above+1]
	m.laneMask(reg.RBX, 8, reg.K1, mask, reg.RAX, reg.R12)
	m.loadMasked(Mem{Base: x}, reg.K1, mask, t, 8)
	m.loadMasked(Mem{Base: y}, reg.K1, mask, u, 8)
	VFMADD231PD(t, u, m.vec[0])
	ADDQ(U32(uint32(m.bytes)), x)
	ADDQ(U32(uint32(m.bytes)), y)
	SUBQ(reg.RBX, n)
	JMP(LabelRef("rest"))
	Label("end")
	m.fold64()
	VZEROUPPER()
	Store(reg.X0, ReturnIndex(0))
	RET()

	m.text("axpy64_", "func(n int, f float64, x, y *float64)", "adds f*x to y, n numbers.")
	n, x, y = param("n", reg.RCX), param("x", reg.RSI), param("y", reg.RDI)
	f := m.scalar("f", 8)
	SUBQ(U32(uint32(l)), n)
	JLT(LabelRef("tail"))
	Label("loop")
	VMOVUPD(Mem{Base: y}, t)
	VFMADD231PD(Mem{Base: x}, f, t)
	VMOVUPD(t, Mem{Base: y})
	ADDQ(U32(uint32(m.bytes)), x)
	ADDQ(U32(uint32(m.bytes)), y)
	SUBQ(U32(uint32(l)), n)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(U32(uint32(l)), n)
	JZ(LabelRef("end"))
	m.laneMask(n, 8, reg.K1, mask, reg.RAX, reg.R12)
	m.loadMasked(Mem{Base: x}, reg.K1, mask, u, 8)
	m.loadMasked(Mem{Base: y}, reg.K1, mask, t, 8)
	VFMADD231PD(u, f, t)
	m.storeMasked(t, reg.K1, mask, Mem{Base: y}, 8)
	Label("end")
	m.end()
}
