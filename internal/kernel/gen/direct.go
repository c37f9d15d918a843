package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// inPlace is what both have in common: the addresses of the rows of A.
type inPlace struct {
	*tile
	a         []reg.GPPhysical // every fifth row
	ars, ars3 reg.GPPhysical
}

func newInPlace(m *machine) *inPlace {
	mr := m.tileRows()
	return &inPlace{tile: &tile{m: m, mr: mr, size: 4}, a: []reg.GPPhysical{reg.RAX, reg.R12, reg.R13}[:(mr+4)/5], ars: reg.R8, ars3: reg.R9}
}

// rowsOfA loads the addresses of every fifth row. They take the place of what begin needs.
func (t *inPlace) rowsOfA() {
	a := t.a
	param("a", a[0])
	param("ars", t.ars)
	SHLQ(U8(2), t.ars)
	LEAQ(Mem{Base: t.ars, Index: t.ars, Scale: 2}, t.ars3)
	for i := 1; i < len(a); i++ {
		LEAQ(Mem{Base: a[i-1], Index: t.ars, Scale: 4}, a[i])
		ADDQ(t.ars, a[i])
	}
}

// direct emits the tile that reads rows of A where they are. While it multiplies it fetches A some steps ahead, 16 floats at fetch for every 16 steps,
// which nobody needs soon, and the old values of the tile, late enough for them to stay in the first-level cache.
func direct(m *machine) {
	const (
		unroll = 16  // steps; a line of each row
		late   = 4   // turns before the end
		ahead  = 256 // bytes
	)
	t := newInPlace(m)
	m.text("direct", "func(k int, a, fetch *float32, ars int, b *float32, rows *[16]*float32, coff, w int, bias *float32, flags int, alpha float32)",
		fmt.Sprintf("multiplies %d rows with a packed panel of %d columns into a tile.", t.mr, 2*m.lanes(4)))
	t.rows, t.off, t.w = param("rows", reg.RDI), param("coff", reg.RSI), param("w", reg.RDX)
	SHLQ(U8(2), t.off)
	t.begin(param("bias", reg.R10))
	k, b, n := param("k", reg.RCX), param("b", reg.RBX), reg.R15
	t.rowsOfA()
	MOVQ(k, n)
	SHRQ(U8(4), n)
	CMPQ(t.w, Imm(uint64(m.lanes(4))))
	narrow := func(l string) { JLE(LabelRef(l)) }
	narrow("narrow")
	f := param("fetch", reg.R10)
	step := func(u, nv int) {
		for j := range nv {
			VMOVUPS(Mem{Base: b, Disp: (2*(u%4) + j) * m.bytes}, t.b(j))
		}
		for i := range t.mr {
			t.broadcast(stridedRow(t.a, t.ars, t.ars3, i).Offset(4*u), t.tile.a(i))
			for j := range nv {
				t.fma(t.b(j), t.tile.a(i), t.acc(i, j))
			}
		}
	}
	loop := func(nv int, l string) {
		CMPQ(n, Imm(late))
		JG(LabelRef("loop" + l))
		t.prefetchBy(reg.R11)
		TESTQ(n, n)
		JZ(LabelRef("tail" + l))
		Label("loop" + l)
		for u := range unroll {
			if u%4 == 0 {
				for d := 0; d < 4*2*m.bytes; d += 64 {
					PREFETCHT0(Mem{Base: b, Disp: 16*2*m.bytes + d})
				}
			}
			if u == 0 {
				PREFETCHT1(Mem{Base: f})
				ADDQ(Imm(64), f)
			}
			if u < t.mr {
				PREFETCHT0(stridedRow(t.a, t.ars, t.ars3, u).Offset(ahead))
			}
			step(u, nv)
			if u%4 == 3 {
				ADDQ(U32(uint32(4*2*m.bytes)), b)
			}
		}
		for i := range t.a {
			ADDQ(Imm(4*unroll), t.a[i])
		}
		DECQ(n)
		CMPQ(n, Imm(late))
		JNE(LabelRef("early" + l))
		t.prefetchBy(reg.R11)
		Label("early" + l)
		TESTQ(n, n)
		JNZ(LabelRef("loop" + l))
		Label("tail" + l)
		ANDQ(U32(unroll-1), k)
		JZ(LabelRef("summed"))
		Label("tailLoop" + l)
		step(0, nv)
		for i := range t.a {
			ADDQ(Imm(4), t.a[i])
		}
		ADDQ(U32(uint32(2*m.bytes)), b)
		DECQ(k)
		JNZ(LabelRef("tailLoop" + l))
	}
	loop(2, "")
	JMP(LabelRef("summed"))
	Label("narrow") // one vector of columns holds everything
	loop(1, "Narrow")
	Label("summed")
	t.finish(param("flags", reg.R11))
}
