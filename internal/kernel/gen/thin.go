package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// thin emits the scalar products of some rows with one, two or three columns, for results too narrow for a tile: the depth lies along the
// vectors, nothing is packed.
func thin(m *machine) {
	for n := 1; n <= 3; n++ {
		thinTile(m, n)
	}
}

// thinRows is the number of rows: with three columns all registers but four.
func (m *machine) thinRows() int { return max(4, m.lanes(4)/2) }

func thinTile(m *machine, n int) {
	rows := m.thinRows()
	m.text(fmt.Sprint("thin", n, "_"), "func(runs, k, xstride, wstride, ldw int, w *float32, rows *[16]*float32, out *float32)",
		fmt.Sprintf("sets out[c*%d+r] to the scalar product of row r and column c.", rows))
	x := []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R15, reg.RDX}[:rows]
	w := []reg.GPPhysical{reg.RBX, reg.RSI, reg.RDI}[:n]
	i, whole, tmp := reg.RAX, reg.RCX, reg.RCX
	acc := func(r, c int) reg.VecPhysical { return m.vec[c*rows+r] }
	wv := func(c int) reg.VecPhysical { return m.vec[3*rows+c] }
	last := m.vec[len(m.vec)-1]
	arg := func(name string) Mem { a, _ := Param(name).Resolve(); return a.Addr }

	param("k", tmp)
	ANDQ(U32(uint32(m.lanes(4)-1)), tmp)
	if m.wide {
		m.laneMask(tmp, 4, reg.K1, last, reg.RAX, reg.RBX)
	}
	param("rows", tmp)
	for r := range rows {
		MOVQ(Mem{Base: tmp, Disp: 8 * r}, x[r])
	}
	param("w", w[0])
	param("ldw", tmp)
	for c := 1; c < n; c++ {
		LEAQ(Mem{Base: w[c-1], Index: tmp, Scale: 4}, w[c])
	}
	for c := range n {
		for r := range rows {
			m.zero(acc(r, c))
		}
	}
	at := func(p reg.GPPhysical) Mem { return Mem{Base: p, Index: i, Scale: 1} }
	Label("run")
	XORQ(i, i)
	param("k", whole)
	SHRQ(U8(map[int]uint8{16: 4, 8: 3, 4: 2}[m.lanes(4)]), whole)
	JZ(LabelRef("tail"))
	Label("loop")
	for c := range n {
		VMOVUPS(at(w[c]), wv(c))
	}
	for r := range rows {
		if m.wide && n > 1 {
			v := m.vec[len(m.vec)-5+r%4]
			VMOVUPS(at(x[r]), v)
			for c := range n {
				VFMADD231PS(v, wv(c), acc(r, c))
			}
			continue
		}
		for c := range n {
			VFMADD231PS(at(x[r]), wv(c), acc(r, c))
		}
	}
	ADDQ(U32(uint32(m.bytes)), i)
	DECQ(whole)
	JNZ(LabelRef("loop"))
	Label("tail")
	param("k", tmp)
	ANDQ(U32(uint32(m.lanes(4)-1)), tmp)
	JZ(LabelRef("next"))
	mask := func() { // AVX2 has no register left for it: it is made again each time
		if !m.wide {
			m.laneMask(tmp, 4, reg.K1, last, reg.R13, reg.R15)
		}
	}
	for c := range n {
		mask()
		m.loadMasked(at(w[c]), reg.K1, last, wv(c), 4)
	}
	for r := range rows {
		mask()
		v := last
		if m.wide {
			v = m.vec[len(m.vec)-5+r%4]
		}
		m.loadMasked(at(x[r]), reg.K1, last, v, 4)
		for c := range n {
			VFMADD231PS(v, wv(c), acc(r, c))
		}
	}
	Label("next")
	DECQ(arg("runs"))
	JZ(LabelRef("end"))
	param("xstride", tmp)
	for r := range rows {
		LEAQ(Mem{Base: x[r], Index: tmp, Scale: 4}, x[r])
	}
	param("wstride", tmp)
	for c := range n {
		LEAQ(Mem{Base: w[c], Index: tmp, Scale: 4}, w[c])
	}
	JMP(LabelRef("run"))
	Label("end")
	out := param("out", reg.RAX)
	for c := range n {
		m.foldRows(func(r int) reg.VecPhysical { return acc(r, c) }, rows)
		if m.wide && !m.neon {
			VMOVUPS(reg.Y0, Mem{Base: out, Disp: 4 * rows * c})
		} else {
			VMOVUPS(reg.X0, Mem{Base: out, Disp: 4 * rows * c})
		}
	}
	m.end()
}

// foldRows adds the lanes of each of 8 (AVX2: 4) vectors and leaves the sums side by side in vector 0. It uses the first vectors.
func (m *machine) foldRows(acc func(r int) reg.VecPhysical, rows int) {
	if m.neon {
		VHADDPS(acc(1), acc(0), m.vec[0])
		VHADDPS(acc(3), acc(2), m.vec[1])
		VHADDPS(m.vec[1], m.vec[0], m.vec[0])
		return
	}
	if !m.wide {
		VHADDPS(acc(1), acc(0), reg.Y0)
		VHADDPS(acc(3), acc(2), reg.Y1)
		VHADDPS(reg.Y1, reg.Y0, reg.Y0)
		VEXTRACTF128(U8(1), reg.Y0, reg.X1)
		VADDPS(reg.X1, reg.X0, reg.X0)
		return
	}
	y := func(i int) reg.VecPhysical { return m.vec[i].(reg.Vec).AsY().(reg.VecPhysical) }
	for r := range rows {
		VEXTRACTF64X4(U8(1), acc(r), y(24))
		VADDPS(y(24), acc(r).(reg.Vec).AsY().(reg.VecPhysical), y(r))
	}
	for r := 0; r < rows; r += 2 {
		VHADDPS(y(r+1), y(r), y(r/2))
	}
	VHADDPS(y(1), y(0), y(0))
	VHADDPS(y(3), y(2), y(1))
	VPERM2F128(U8(0x20), y(1), y(0), y(2))
	VPERM2F128(U8(0x31), y(1), y(0), y(3))
	VADDPS(y(3), y(2), y(0))
}
