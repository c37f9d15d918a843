package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// inPlace is a tile that reads rows of A where they are: while it multiplies it fetches A some steps ahead, a line at fetch in every turn, which nobody
// needs soon, and the old values of the tile, late enough for them to stay in the first-level cache.
type inPlace struct {
	*tile
	rowsA     []reg.GPPhysical // every fifth row
	ars, ars3 reg.GPPhysical
	k, pb, n  reg.GPPhysical
	fetch     reg.GPPhysical
}

const (
	turn     = 16  // steps of a turn
	lateTurn = 4   // turns before the end in which the old values are asked for
	ahead    = 256 // bytes of a row of A
)

func newInPlace(m *machine, size int) *inPlace {
	mr := m.tileRows()
	return &inPlace{tile: &tile{m: m, mr: mr, size: size}, rowsA: []reg.GPPhysical{reg.RAX, reg.R12, reg.R13}[:(mr+4)/5], ars: reg.R8, ars3: reg.R9,
		k: reg.RCX, pb: reg.RBX, n: reg.R15, fetch: reg.R10}
}

// shift multiplies a number of elements by their size.
func (t *inPlace) shift(r reg.GPPhysical) { SHLQ(U8(uint8(t.size/4+1)), r) }

// place loads where the tile lies.
func (t *inPlace) place() {
	t.rows, t.off, t.w = param("rows", reg.RDI), param("coff", reg.RSI), param("w", reg.RDX)
	t.shift(t.off)
}

// operands loads where A and B lie; they take the place of what begin needs.
func (t *inPlace) operands() {
	param("k", t.k)
	param("b", t.pb)
	param("fetch", t.fetch)
	a := t.rowsA
	param("a", a[0])
	param("ars", t.ars)
	t.shift(t.ars)
	LEAQ(Mem{Base: t.ars, Index: t.ars, Scale: 2}, t.ars3)
	for i := 1; i < len(a); i++ {
		LEAQ(Mem{Base: a[i-1], Index: t.ars, Scale: 4}, a[i])
		ADDQ(t.ars, a[i])
	}
	MOVQ(t.k, t.n)
	SHRQ(U8(4), t.n)
}

// element is that of row i, u steps on.
func (t *inPlace) element(i, u int) Mem {
	return stridedRow(t.rowsA, t.ars, t.ars3, i).Offset(t.size * u)
}

// multiply is step u of a turn with nv vectors of B.
func (t *inPlace) multiply(u, nv int) {
	for j := range nv {
		VMOVUPS(Mem{Base: t.pb, Disp: (2*(u%4) + j) * t.m.bytes}, t.b(j))
	}
	for i := range t.mr {
		t.broadcast(t.element(i, u), t.a(i))
		for j := range nv {
			t.fma(t.b(j), t.a(i), t.acc(i, j))
		}
	}
}

// ask is what a turn fetches in step u.
func (t *inPlace) ask(u int) {
	if u%4 == 0 {
		for d := 0; d < 4*2*t.m.bytes; d += 64 {
			PREFETCHT0(Mem{Base: t.pb, Disp: 16*2*t.m.bytes + d})
		}
	}
	for line := 0; line < turn*t.size; line += 64 {
		if u < t.mr {
			PREFETCHT0(t.element(u, 0).Offset(ahead + line))
		}
		if u == 0 {
			PREFETCHT1(Mem{Base: t.fetch, Disp: line})
		}
	}
}

// advance moves A on by some steps, and B by some.
func (t *inPlace) advance(a, b int) {
	for _, r := range t.rowsA {
		if a > 0 {
			ADDQ(U32(uint32(t.size*a)), r)
		}
	}
	ADDQ(U32(uint32(b*2*t.m.bytes)), t.pb)
}

// chain runs over the depth with nv vectors of B: one chain for each element.
func (t *inPlace) chain(nv int, l string) {
	CMPQ(t.n, Imm(lateTurn))
	JG(LabelRef("loop" + l))
	t.prefetchBy(reg.R11)
	TESTQ(t.n, t.n)
	JZ(LabelRef("tail" + l))
	Label("loop" + l)
	for u := range turn {
		t.ask(u)
		t.multiply(u, nv)
		switch {
		case u == turn-1:
			t.advance(turn, 4)
		case u%4 == 3:
			t.advance(0, 4)
		}
	}
	ADDQ(U32(uint32(turn*t.size)), t.fetch)
	DECQ(t.n)
	CMPQ(t.n, Imm(lateTurn))
	JNE(LabelRef("early" + l))
	t.prefetchBy(reg.R11)
	Label("early" + l)
	TESTQ(t.n, t.n)
	JNZ(LabelRef("loop" + l))
	Label("tail" + l)
	ANDQ(U32(turn-1), t.k)
	JZ(LabelRef("summed"))
	Label("tailLoop" + l)
	t.multiply(0, nv)
	t.advance(1, 1)
	DECQ(t.k)
	JNZ(LabelRef("tailLoop" + l))
}

func direct(m *machine) {
	t := newInPlace(m, 4)
	m.text("direct", "func(k int, a, fetch *float32, ars int, b *float32, rows *[16]*float32, coff, w int, bias *float32, flags int, alpha float32)",
		fmt.Sprintf("multiplies %d rows with a packed panel of %d columns into a tile.", t.mr, 2*m.lanes(4)))
	t.place()
	t.begin(param("bias", reg.R10))
	t.operands()
	CMPQ(t.w, Imm(uint64(m.lanes(4))))
	JLE(LabelRef("narrow"))
	t.chain(2, "")
	JMP(LabelRef("summed"))
	Label("narrow") // one vector of columns holds everything
	t.chain(1, "Narrow")
	Label("summed")
	t.finish(param("flags", reg.R11))
}

func direct64(m *machine) {
	t := newInPlace(m, 8)
	m.text("direct64_", "func(k int, a, fetch *float64, ars int, b *float64, rows *[16]*float64, coff, w int, alpha float64, add int)",
		fmt.Sprintf("multiplies %d rows with a packed panel of %d columns, times alpha, into a tile.", t.mr, 2*m.lanes(8)))
	t.place()
	t.clear()
	t.operands()
	t.chain(2, "")
	Label("summed")
	t.finish64()
}
