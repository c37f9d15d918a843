package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// philox emits Philox4x32 with 10 rounds over 8 neighbouring counters. A word lies in the lower half of a 64-bit lane, where a multiplication reads it and ignores
// the upper half, so that what gathers there is never cleared before the end.
func philox(m *machine) {
	m.text("philox", "func(dst *[32]uint32, key0, key1 uint32, hi, lo uint64)", "sets dst to the blocks of the counters hi:lo to hi:lo+7.")
	dst := param("dst", reg.RDI)
	param("hi", reg.RAX)
	param("lo", reg.RBX)
	chains := 8 / m.lanes(8)
	m.spread(reg.RAX, m.temp(14))
	for c := range chains {
		x := m.vec[4*c:]
		m.spread(reg.RBX, x[0])
		VPADDQ(m.counts(c*m.lanes(8)), x[0], x[0])
		VPSRLQ(U8(32), x[0], x[1])
		m.move(m.temp(14), x[2])
		VPSRLQ(U8(32), x[2], x[3])
	}
	Load(Param("key0"), reg.EAX)
	Load(Param("key1"), reg.EBX)
	m.spread(reg.RAX, m.temp(10))
	m.spread(reg.RBX, m.temp(11))
	mul0, mul1 := m.quads("philoxMul0", 0xD2511F53), m.quads("philoxMul1", 0xCD9E8D57)
	step0, step1 := m.quads("philoxStep0", 0x9E3779B9), m.quads("philoxStep1", 0xBB67AE85)
	for round := range 10 {
		for c := range chains {
			x, p, q := m.vec[4*c:], m.temp(8), m.temp(9)
			VPMULUDQ(mul0, x[0], p)
			VPMULUDQ(mul1, x[2], q)
			VPSRLQ(U8(32), q, x[0])
			m.xor(x[1], x[0], x[0])
			m.xor(m.temp(10), x[0], x[0])
			VPSRLQ(U8(32), p, x[2])
			m.xor(x[3], x[2], x[2])
			m.xor(m.temp(11), x[2], x[2])
			m.move(q, x[1])
			m.move(p, x[3])
		}
		if round < 9 {
			VPADDQ(step0, m.temp(10), m.temp(10))
			VPADDQ(step1, m.temp(11), m.temp(11))
		}
	}
	for c := range chains {
		m.blocks(m.vec[4*c:], Mem{Base: dst, Disp: 16 * m.lanes(8) * c})
	}
	m.end()
}

// temp is one of the registers 8 to 15, which NEON has higher: its words take 16.
func (m *machine) temp(i int) reg.VecPhysical {
	if m.neon {
		i += 8
	}
	return m.vec[i]
}

// blocks stores four words a lane as blocks, one lane after the other.
func (m *machine) blocks(x []reg.VecPhysical, to Mem) {
	even, odd := m.temp(12), m.temp(13)
	for k := 0; k < 4; k += 2 { // words 0 and 1, and 2 and 3, as one number each
		VPSLLQ(U8(32), x[k], x[k])
		VPSRLQ(U8(32), x[k], x[k])
		VPSLLQ(U8(32), x[k+1], x[k+1])
		m.or(x[k+1], x[k], x[k])
	}
	VPUNPCKLQDQ(x[2], x[0], even)
	VPUNPCKHQDQ(x[2], x[0], odd)
	for i := range m.lanes(8) / 2 {
		for k, v := range []reg.VecPhysical{even, odd} {
			a := to.Offset(16 * (2*i + k))
			if m.neon {
				VMOVUPS(v, a)
			} else if m.wide {
				VEXTRACTI64X2(U8(i), v, a)
			} else {
				VEXTRACTI128(U8(i), v, a)
			}
		}
	}
}

// spread broadcasts a register into 64-bit lanes.
func (m *machine) spread(from reg.GPPhysical, to reg.VecPhysical) {
	x := reg.VecPhysical(reg.X15)
	if m.neon {
		x = m.temp(15)
	}
	VMOVQ(from, x)
	VPBROADCASTQ(x, to)
}

func (m *machine) move(from, to reg.VecPhysical) {
	if m.wide {
		VMOVDQA64(from, to)
	} else {
		VMOVDQA(from, to)
	}
}

func (m *machine) xor(a Op, b, to reg.VecPhysical) {
	if m.wide {
		VPXORQ(a, b, to)
	} else {
		VPXOR(a, b, to)
	}
}

func (m *machine) or(a Op, b, to reg.VecPhysical) {
	if m.wide {
		VPORQ(a, b, to)
	} else {
		VPOR(a, b, to)
	}
}

// quads is a constant in every 64-bit lane.
func (m *machine) quads(name string, v uint32) Mem {
	return m.table(name+m.name, func() (words []uint32) {
		for range m.lanes(8) {
			words = append(words, v, 0)
		}
		return words
	})
}

// counts is from, from+1, ... in the 64-bit lanes.
func (m *machine) counts(from int) Mem {
	return m.table("philoxFrom"+string(rune('0'+from))+m.name, func() (words []uint32) {
		for i := range m.lanes(8) {
			words = append(words, uint32(from+i), 0)
		}
		return words
	})
}
