package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// toom emits what convolutions with fewer multiplications are made of: small matrices times rows, and tiles of a product whose operands lie
// in memory as the transforms leave them.
func toom(m *machine) {
	combine(m)
	for _, mr := range lowRows(m) {
		strided(m, fmt.Sprint("strided", mr, "_"), mr)
	}
	strided(m, "strided", m.tileRows())
}

// lowRows are the heights of the tiles for the last rows of a matrix.
func lowRows(m *machine) []int {
	if m.wide {
		return []int{4, 8}
	}
	return []int{2, 4}
}

// combineMax is the largest number of rows that combine reads.
const combineMax = 7

// combine sets row o of the results to the sum of coef[o*nin+i] times row i. All rows of a piece of two vectors (AVX2: one) are in registers.
func combine(m *machine) {
	m.text("combine", "func(n, nin, nout int, in, out *[8]*float32, coef *float32)", "sets each of nout rows to a linear combination of nin rows.")
	nin := param("nin", reg.RAX)
	for k := 1; k < combineMax; k++ {
		CMPQ(nin, Imm(uint64(k)))
		JEQ(LabelRef(fmt.Sprint("in", k)))
	}
	for k := combineMax; k > 0; k-- {
		if k < combineMax {
			Label(fmt.Sprint("in", k))
		}
		combineRows(m, k)
		m.end()
	}
}

func combineRows(m *machine, nin int) {
	src := []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R15}[:nin]
	n, i, outs, coef, left, dst, at := reg.RCX, reg.RDI, reg.RSI, reg.RBX, reg.RDX, reg.RAX, reg.RAX
	nv := 1
	if m.wide {
		nv = 2
	}
	l := func(s string) string { return fmt.Sprint(s, "_", nin) }
	x := func(k, v int) reg.VecPhysical { return m.vec[k*nv+v] }
	acc := func(v int) reg.VecPhysical { return m.vec[len(m.vec)-1-v] }
	mask := m.vec[len(m.vec)-3]
	one := m.vec[len(m.vec)-4]
	param("in", at)
	for k := range nin {
		MOVQ(Mem{Base: at, Disp: 8 * k}, src[k])
	}
	param("n", n)
	XORQ(i, i)
	piece := func(nv int, label string, load func(a Mem, v reg.VecPhysical), store func(v reg.VecPhysical, a Mem)) {
		for k := range nin {
			for v := range nv {
				load(Mem{Base: src[k], Index: i, Scale: 1, Disp: v * m.bytes}, x(k, v))
			}
		}
		param("out", outs)
		param("coef", coef)
		param("nout", left)
		Label(l(label))
		MOVQ(Mem{Base: outs}, dst)
		for k := range nin {
			VBROADCASTSS(Mem{Base: coef, Disp: 4 * k}, one)
			for v := range nv {
				if k == 0 {
					VMULPS(one, x(k, v), acc(v))
				} else {
					VFMADD231PS(one, x(k, v), acc(v))
				}
			}
		}
		for v := range nv {
			store(acc(v), Mem{Base: dst, Index: i, Scale: 1, Disp: v * m.bytes})
		}
		ADDQ(U32(uint32(4*nin)), coef)
		ADDQ(U32(8), outs)
		DECQ(left)
		JNZ(LabelRef(l(label)))
	}
	load := func(a Mem, v reg.VecPhysical) { VMOVUPS(a, v) }
	store := func(v reg.VecPhysical, a Mem) { VMOVUPS(v, a) }
	if nv == 2 {
		SUBQ(U32(uint32(2*m.lanes(4))), n)
		JLT(LabelRef(l("few")))
		Label(l("pairs"))
		piece(2, "rows2", load, store)
		ADDQ(U32(uint32(2*m.bytes)), i)
		SUBQ(U32(uint32(2*m.lanes(4))), n)
		JGE(LabelRef(l("pairs")))
		Label(l("few"))
		ADDQ(U32(uint32(2*m.lanes(4))), n)
	}
	SUBQ(U32(uint32(m.lanes(4))), n)
	JLT(LabelRef(l("tail")))
	Label(l("ones"))
	piece(1, "rows1", load, store)
	ADDQ(U32(uint32(m.bytes)), i)
	SUBQ(U32(uint32(m.lanes(4))), n)
	JGE(LabelRef(l("ones")))
	Label(l("tail"))
	ADDQ(U32(uint32(m.lanes(4))), n)
	JZ(LabelRef(l("end")))
	m.laneMask(n, 4, reg.K1, mask, reg.RAX, reg.RDX)
	piece(1, "rowsTail", func(a Mem, v reg.VecPhysical) { m.loadMasked(a, reg.K1, mask, v, 4) },
		func(v reg.VecPhysical, a Mem) { m.storeMasked(v, reg.K1, mask, a, 4) })
	Label(l("end"))
}

// strided emits a tile that reads its operands where they are: element (i, p) of A at a + i*ars + p*aps, row p of B at b + p*bs. Rows of A are
// reached from every fifth with multiples 1, 2, 3, 4 of the stride.
func strided(m *machine, name string, mr int) {
	m.text(name, "func(k int, a *float32, ars, aps int, b *float32, bs int, rows *[16]*float32, coff, w, flags int)",
		fmt.Sprintf("multiplies %d rows of a strided matrix with %d columns of another into a tile.", mr, 2*m.lanes(4)))
	t := &tile{m: m, mr: mr, size: 4}
	t.rows, t.off, t.w = param("rows", reg.RDI), param("coff", reg.RSI), param("w", reg.RDX)
	SHLQ(U8(2), t.off)
	t.prefetch()
	k, b := param("k", reg.RCX), param("b", reg.RBX)
	a := []reg.GPPhysical{reg.RAX, reg.R12, reg.R13}[:(mr+4)/5]
	ars, ars3, aps, bs := reg.R8, reg.R9, param("aps", reg.R10), param("bs", reg.R11)
	param("a", a[0])
	param("ars", ars)
	for _, s := range []reg.GPPhysical{ars, aps, bs} {
		SHLQ(U8(2), s)
	}
	LEAQ(Mem{Base: ars, Index: ars, Scale: 2}, ars3)
	for i := 1; i < len(a); i++ {
		LEAQ(Mem{Base: a[i-1], Index: ars, Scale: 4}, a[i])
		ADDQ(ars, a[i])
	}
	t.clear()
	ahead := reg.RDI // of the rows, which come back after the loop
	LEAQ(Mem{Base: bs, Index: bs, Scale: 2}, ahead)
	LEAQ(Mem{Base: b, Index: ahead, Scale: 8}, ahead)
	row := func(i int) Mem {
		at := Mem{Base: a[i/5]}
		switch i % 5 {
		case 1, 2, 4:
			at.Index, at.Scale = ars, uint8(i%5)
		case 3:
			at.Index, at.Scale = ars3, 1
		}
		return at
	}
	step := func(nv int) {
		for j := range nv {
			VMOVUPS(Mem{Base: b, Disp: j * m.bytes}, t.b(j))
		}
		ADDQ(bs, b)
		for i := range mr {
			t.broadcast(row(i), t.a(i))
			if i == mr-1 || i%5 == 4 {
				ADDQ(aps, a[i/5])
			}
			for j := range nv {
				t.fma(t.b(j), t.a(i), t.acc(i, j))
			}
		}
	}
	loop := func(nv int, label string) {
		MOVQ(k, reg.R15)
		SHRQ(U8(2), reg.R15)
		ANDQ(U32(3), k)
		TESTQ(reg.R15, reg.R15)
		JZ(LabelRef("tail" + label))
		Label("loop" + label)
		for range 4 {
			for d := 0; d < nv*m.bytes; d += 64 {
				PREFETCHT0(Mem{Base: ahead, Disp: d})
			}
			ADDQ(bs, ahead)
			step(nv)
		}
		DECQ(reg.R15)
		JNZ(LabelRef("loop" + label))
		Label("tail" + label)
		TESTQ(k, k)
		JZ(LabelRef("summed"))
		Label("tailLoop" + label)
		step(nv)
		DECQ(k)
		JNZ(LabelRef("tailLoop" + label))
	}
	CMPQ(t.w, Imm(uint64(m.lanes(4))))
	JLE(LabelRef("narrow"))
	loop(2, "")
	JMP(LabelRef("summed"))
	Label("narrow") // one vector of columns holds everything
	loop(1, "Narrow")
	Label("summed")
	param("rows", t.rows)
	flags := param("flags", reg.R11)
	for _, part := range []bool{false, true} {
		if part {
			Label("partial")
			t.masks()
		} else {
			CMPQ(t.w, Imm(uint64(2*m.lanes(4))))
			JNE(LabelRef("partial"))
		}
		n := map[bool]string{false: "Full", true: "Part"}[part]
		TESTQ(U32(1), flags)
		JZ(LabelRef("noAdd" + n))
		t.addOld(part)
		Label("noAdd" + n)
		t.store(part)
		m.end()
	}
}
