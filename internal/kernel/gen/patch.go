package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// patches emits what convolutions of images with few channels are made of: their products are so shallow that packing would cost as much
// as multiplying, so elements of an image are broadcast from where they are.
func patches(m *machine) {
	for _, mr := range append(lowRows(m), m.tileRows()) {
		patch(m, mr)
	}
	for _, mr := range lowRows(m) {
		taps(m, mr)
	}
}

// patch emits the tile of mr patches of an image and a packed panel of weights. Rows of A are reached from every fifth with multiples
// 1, 2, 3, 4 of the stride.
func patch(m *machine, mr int) {
	m.text(fmt.Sprint("patch", mr, "_"), "func(runs, k, xstride int, a *float32, ars int, b *float32, rows *[16]*float32, coff, w int, bias *float32, flags int, alpha float32)",
		fmt.Sprintf("multiplies %d patches of runs pieces of k elements with a packed panel of %d columns into a tile.", mr, 2*m.lanes(4)))
	t := &tile{m: m, mr: mr, size: 4}
	t.rows, t.off, t.w = param("rows", reg.RDI), param("coff", reg.RSI), param("w", reg.RDX)
	SHLQ(U8(2), t.off)
	t.begin(param("bias", reg.R10))
	k, b, runs, skip := param("k", reg.RCX), param("b", reg.RBX), param("runs", reg.R10), param("xstride", reg.R11)
	SUBQ(k, skip)
	SHLQ(U8(2), skip)
	a := []reg.GPPhysical{reg.RAX, reg.R12, reg.R13}[:(mr+4)/5]
	ars, ars3 := param("ars", reg.R8), reg.R9
	param("a", a[0])
	SHLQ(U8(2), ars)
	LEAQ(Mem{Base: ars, Index: ars, Scale: 2}, ars3)
	for i := 1; i < len(a); i++ {
		LEAQ(Mem{Base: a[i-1], Index: ars, Scale: 4}, a[i])
		ADDQ(ars, a[i])
	}
	CMPQ(t.w, Imm(uint64(m.lanes(4))))
	JLE(LabelRef("runNarrow"))
	pieces := func(nv int, l string) {
		Label("run" + l)
		MOVQ(k, reg.R15)
		Label("loop" + l)
		for j := range nv {
			VMOVUPS(Mem{Base: b, Disp: j * m.bytes}, t.b(j))
		}
		ADDQ(U32(uint32(2*m.bytes)), b)
		for i := range mr {
			t.broadcast(stridedRow(a, ars, ars3, i), t.a(i))
			if i == mr-1 || i%5 == 4 {
				ADDQ(Imm(4), a[i/5])
			}
			for j := range nv {
				t.fma(t.b(j), t.a(i), t.acc(i, j))
			}
		}
		DECQ(reg.R15)
		JNZ(LabelRef("loop" + l))
		for _, r := range a {
			ADDQ(skip, r)
		}
		DECQ(runs)
		JNZ(LabelRef("run" + l))
	}
	pieces(2, "")
	JMP(LabelRef("summed"))
	pieces(1, "Narrow") // one vector of columns holds everything
	Label("summed")
	t.finish(param("flags", reg.R11))
}

// taps emits the tile of mr filter taps and a piece of the gradient's channels: row i of A is what tap i sees, one line of pixels after
// another.
func taps(m *machine, mr int) {
	m.text(fmt.Sprint("taps", mr, "_"), "func(lines, k, skip, aps int, a *[16]*float32, b *float32, bs int, rows *[16]*float32, coff, flags int)",
		fmt.Sprintf("multiplies what %d taps see with %d columns of lines of k pixels into a tile.", mr, 2*m.lanes(4)))
	t := &tile{m: m, mr: mr, size: 4}
	a := []reg.GPPhysical{reg.RAX, reg.RCX, reg.RDX, reg.RSI, reg.RDI, reg.R8, reg.R9, reg.R10}[:mr]
	b, bs, i, aps := param("b", reg.RBX), param("bs", reg.R11), reg.R12, param("aps", reg.R13)
	param("a", i)
	for r := range mr {
		MOVQ(Mem{Base: i, Disp: 8 * r}, a[r])
	}
	XORQ(i, i)
	SHLQ(U8(2), bs)
	SHLQ(U8(2), aps)
	t.clear()
	Label("line")
	param("k", reg.R15)
	Label("loop")
	for j := range 2 {
		VMOVUPS(Mem{Base: b, Disp: j * m.bytes}, t.b(j))
	}
	for d := 0; d < 2*m.bytes; d += 64 {
		PREFETCHT0(Mem{Base: b, Index: bs, Scale: 8, Disp: d})
	}
	ADDQ(bs, b)
	for r := range mr {
		t.broadcast(Mem{Base: a[r], Index: i, Scale: 1}, t.a(r))
		for j := range 2 {
			t.fma(t.b(j), t.a(r), t.acc(r, j))
		}
	}
	ADDQ(aps, i)
	DECQ(reg.R15)
	JNZ(LabelRef("loop"))
	param("skip", reg.R15)
	LEAQ(Mem{Base: i, Index: reg.R15, Scale: 4}, i)
	lines, _ := Param("lines").Resolve()
	DECQ(lines.Addr)
	JNZ(LabelRef("line"))
	t.rows, t.off = param("rows", reg.RDI), param("coff", reg.RSI)
	SHLQ(U8(2), t.off)
	TESTQ(U32(1), param("flags", reg.R11))
	JZ(LabelRef("noAdd"))
	t.addOld(false)
	Label("noAdd")
	t.store(false)
	m.end()
}
