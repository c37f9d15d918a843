package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rows emits the functions that treat every row of a matrix alike.
func rows(m *machine) {
	rowsAffine(m)
	bnBack(m)
	colSums(m, true)
	colSums(m, false)
}

// eachRow emits a loop over rows and, inside, over the columns: whole vectors, then one masked. moving pointers advance
// by a row, the others stay. mask is the register for the mask with AVX2.
func (m *machine) eachRow(moving []reg.GPPhysical, mask reg.VecPhysical, body func(load func(p reg.GPPhysical, v int), store func(v int, p reg.GPPhysical))) {
	n, c, i, left := reg.R8, reg.RCX, reg.R9, reg.R10
	param("rows", n)
	param("c", c)
	MOVQ(c, left)
	ANDQ(U32(uint32(m.lanes(4)-1)), left)
	m.laneMask(left, 4, reg.K1, mask, reg.RAX, reg.R11)
	SUBQ(left, c) // whole vectors
	SHLQ(U8(2), c)
	SHLQ(U8(2), left)
	TESTQ(n, n)
	JZ(LabelRef("end"))
	Label("row")
	XORQ(i, i)
	CMPQ(i, c)
	JGE(LabelRef("tail"))
	at := func(p reg.GPPhysical) Mem { return Mem{Base: p, Index: i, Scale: 1} }
	Label("col")
	body(func(p reg.GPPhysical, v int) { VMOVUPS(at(p), m.vec[v]) }, func(v int, p reg.GPPhysical) { VMOVUPS(m.vec[v], at(p)) })
	ADDQ(U32(uint32(m.bytes)), i)
	CMPQ(i, c)
	JLT(LabelRef("col"))
	Label("tail")
	TESTQ(left, left)
	JZ(LabelRef("next"))
	body(func(p reg.GPPhysical, v int) { m.loadMasked(at(p), reg.K1, mask, m.vec[v], 4) },
		func(v int, p reg.GPPhysical) { m.storeMasked(m.vec[v], reg.K1, mask, at(p), 4) })
	Label("next")
	for _, p := range moving {
		ADDQ(c, p)
		ADDQ(left, p)
	}
	DECQ(n)
	JNZ(LabelRef("row"))
	Label("end")
	m.end()
}

func rowsAffine(m *machine) {
	m.text("rowsAffine", "func(rows, c int, y, x, s, t []float32, alpha float32, act int)", "is act(x*s+t) by columns; act 2 is leaky, 4 ReLU.")
	y, x, s, t, act := reg.RDI, reg.RSI, reg.RBX, reg.RDX, reg.R12
	Load(Param("y").Base(), y)
	Load(Param("x").Base(), x)
	Load(Param("s").Base(), s)
	Load(Param("t").Base(), t)
	param("act", act)
	alpha := m.scalar("alpha", 4)
	zero := m.vec[m.top-1]
	mask := m.vec[m.top-2]
	m.zero(zero)
	// slope and floor do all three activations without a branch: none has slope 1 and floor -Inf
	one := m.table("one"+m.name, func() []uint32 { return []uint32{oneBits, 0xff800000} })
	CMPQ(act, Imm(2))
	JEQ(LabelRef("leaky"))
	VBROADCASTSS(one, alpha)
	Label("leaky")
	CMPQ(act, Imm(4))
	JEQ(LabelRef("relu"))
	VBROADCASTSS(one.Offset(4), zero)
	Label("relu")
	m.eachRow([]reg.GPPhysical{y, x}, mask, func(load func(reg.GPPhysical, int), store func(int, reg.GPPhysical)) {
		load(x, 0)
		load(s, 1)
		load(t, 2)
		VFMADD213PS(m.vec[2], m.vec[1], m.vec[0])
		VMAXPS(m.vec[0], zero, m.vec[0])
		VMULPS(alpha, m.vec[0], m.vec[1])
		m.negative(m.vec[0], m.vec[1], m.vec[0])
		store(0, y)
	})
}

func bnBack(m *machine) {
	m.text("bnBack", "func(rows, c int, dx, gr, x, a, b, d []float32)", "is a*gr + b*x + d by columns.")
	regs := []reg.GPPhysical{reg.RDI, reg.RSI, reg.RBX, reg.RDX, reg.R12, reg.R13}
	for i, s := range []string{"dx", "gr", "x", "a", "b", "d"} {
		Load(Param(s).Base(), regs[i])
	}
	m.eachRow(regs[:3], m.vec[8], func(load func(reg.GPPhysical, int), store func(int, reg.GPPhysical)) {
		load(regs[1], 0)
		load(regs[3], 1)
		load(regs[5], 2)
		load(regs[2], 3)
		load(regs[4], 4)
		VFMADD213PS(m.vec[2], m.vec[1], m.vec[0])
		VFMADD231PS(m.vec[4], m.vec[3], m.vec[0])
		store(0, regs[0])
	})
}

// colSums walks down some vectors of columns, two rows at a time in separate sums. Several vectors side by side use whole lines of the cache and
// hide the latency of the sums.
func colSums(m *machine, squares bool) {
	many := 4
	if squares {
		m.text("colSums", "func(rows, c int, s, q, x, y []float32)", "sums x and x*y by columns.")
		if !m.wide {
			many = 2
		}
	} else {
		m.text("colSum", "func(rows, c int, s, x []float32)", "sums x by columns.")
	}
	n, c, stride := param("rows", reg.R8), param("c", reg.R10), reg.R11
	s, q, x, y, px, py, k := reg.RDI, reg.RSI, reg.RBX, reg.RDX, reg.R12, reg.R13, reg.RCX
	Load(Param("s").Base(), s)
	Load(Param("x").Base(), x)
	if squares {
		Load(Param("q").Base(), q)
		Load(Param("y").Base(), y)
	}
	MOVQ(c, stride)
	SHLQ(U8(2), stride)
	mask := m.vec[8]
	sums := func(label string, nv int, load func(Mem, int), store func(int, Mem)) {
		sum := func(v, odd int) int { return 2*v + odd } // and of squares
		dot := func(v, odd int) int { return 2*v + odd }
		if squares {
			sum = func(v, odd int) int { return 4*v + odd }
			dot = func(v, odd int) int { return 4*v + 2 + odd }
		}
		tmp := 9
		if squares && nv == 4 {
			tmp = 16
		}
		for i := range map[bool]int{true: 4, false: 2}[squares] * nv {
			m.zero(m.vec[i])
		}
		MOVQ(x, px)
		MOVQ(y, py)
		MOVQ(n, k)
		SHRQ(U8(1), k)
		JZ(LabelRef("odd" + label))
		row := func(odd int) {
			for v := range nv {
				ax, ay := Mem{Base: px, Disp: v * m.bytes}, Mem{Base: py, Disp: v * m.bytes}
				if odd == 1 {
					ax.Index, ax.Scale, ay.Index, ay.Scale = stride, 1, stride, 1
				}
				t := tmp + 2*(v%3)
				load(ax, t)
				VADDPS(m.vec[t], m.vec[sum(v, odd)], m.vec[sum(v, odd)])
				if squares {
					load(ay, t+1)
					VFMADD231PS(m.vec[t], m.vec[t+1], m.vec[dot(v, odd)])
				}
			}
		}
		Label("pair" + label)
		row(0)
		row(1)
		LEAQ(Mem{Base: px, Index: stride, Scale: 2}, px)
		if squares {
			LEAQ(Mem{Base: py, Index: stride, Scale: 2}, py)
		}
		DECQ(k)
		JNZ(LabelRef("pair" + label))
		Label("odd" + label)
		TESTQ(U32(1), n)
		JZ(LabelRef("sum" + label))
		row(0)
		Label("sum" + label)
		for v := range nv {
			VADDPS(m.vec[sum(v, 1)], m.vec[sum(v, 0)], m.vec[sum(v, 0)])
			store(sum(v, 0), Mem{Base: s, Disp: v * m.bytes})
			if squares {
				VADDPS(m.vec[dot(v, 1)], m.vec[dot(v, 0)], m.vec[dot(v, 0)])
				store(dot(v, 0), Mem{Base: q, Disp: v * m.bytes})
			}
		}
	}
	for _, nv := range []int{many, 1} {
		width, label := uint32(nv*m.lanes(4)), fmt.Sprint("By", nv)
		SUBQ(U32(width), c)
		JLT(LabelRef("end" + label))
		Label("col" + label)
		sums(label, nv, func(a Mem, v int) { VMOVUPS(a, m.vec[v]) }, func(v int, a Mem) { VMOVUPS(m.vec[v], a) })
		for _, p := range []reg.GPPhysical{s, q, x, y} {
			ADDQ(U32(uint32(nv*m.bytes)), p)
		}
		SUBQ(U32(width), c)
		JGE(LabelRef("col" + label))
		Label("end" + label)
		ADDQ(U32(width), c)
	}
	TESTQ(c, c)
	JZ(LabelRef("end"))
	m.laneMask(c, 4, reg.K1, mask, reg.RAX, reg.R9)
	sums("Tail", 1, func(a Mem, v int) { m.loadMasked(a, reg.K1, mask, m.vec[v], 4) },
		func(v int, a Mem) { m.storeMasked(m.vec[v], reg.K1, mask, a, 4) })
	Label("end")
	m.end()
}
