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
}

func gemm64(m *machine) {
	mr := m.tileRows()
	m.text("gemm64_", "func(k int, a, b *float64, rows *[16]*float64, coff, w int, alpha float64, add int)",
		fmt.Sprintf("multiplies a packed panel of %d rows with one of %d columns, times alpha, into a tile.", mr, 2*m.lanes(8)))
	t := &tile{m: m, mr: mr, size: 8}
	k, a, b := param("k", reg.RCX), param("a", reg.RAX), param("b", reg.RBX)
	t.rows, t.off, t.w = param("rows", reg.RDI), param("coff", reg.RSI), param("w", reg.RDX)
	add := param("add", reg.R11)
	SHLQ(U8(3), t.off)
	t.prefetch()
	t.clear()
	t.loop(k, a, b)
	alpha := m.vec[len(m.vec)-1]
	p, _ := Param("alpha").Resolve()
	VBROADCASTSD(p.Addr, alpha)
	for i := range 2 * mr {
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
