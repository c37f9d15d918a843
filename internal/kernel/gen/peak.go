package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// peak emits a loop of nothing but independent multiply-adds in registers: the most the core can do.
func peak(m *machine) {
	m.text("peak", "func(n int)", "does n rounds of 12 independent vector FMAs.")
	param("n", reg.RCX)
	for i := range 14 {
		m.zero(m.vec[i])
	}
	Label("loop")
	for i := range 12 {
		VFMADD231PS(m.vec[12], m.vec[13], m.vec[i])
	}
	DECQ(reg.RCX)
	JNZ(LabelRef("loop"))
	m.end()
}
