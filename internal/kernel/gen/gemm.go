package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tileRows is the number of rows of a GEMM tile of two vectors: all registers but two for B and two for A.
func (m *machine) tileRows() int { return len(m.vec)/2 - 2 }

// gemms emits the single-precision tile, and lower ones for the last rows of a matrix: they read the first rows of a panel and do not
// spend time on those that are not there.
func gemms(m *machine) {
	gemm(m, "gemm", m.tileRows())
	low := []int{2, 4}
	if m.wide {
		low = []int{4, 8}
	}
	for _, mr := range low {
		gemm(m, fmt.Sprint("gemm", mr, "_"), mr)
	}
}

func gemm(m *machine, name string, mr int) {
	m.text(name, "func(k int, a, b *float32, rows *[16]*float32, coff, w int, bias *float32, flags int, alpha float32)",
		fmt.Sprintf("multiplies %d rows of a packed panel with one of %d columns into a tile.", mr, 2*m.lanes(4)))
	t := &tile{m: m, mr: mr, stride: m.tileRows(), size: 4}
	k, a, b := param("k", reg.RCX), param("a", reg.RAX), param("b", reg.RBX)
	t.rows, t.off, t.w = param("rows", reg.RDI), param("coff", reg.RSI), param("w", reg.RDX)
	bias, flags := param("bias", reg.R10), param("flags", reg.R11)
	SHLQ(U8(2), t.off)
	t.prefetch()
	t.begin(bias)
	CMPQ(t.w, Imm(uint64(m.lanes(4))))
	JLE(LabelRef("narrow"))
	t.loop("", 2, k, a, b)
	JMP(LabelRef("summed"))
	Label("narrow") // one vector of columns holds everything
	t.loop("Narrow", 1, k, a, b)
	Label("summed")
	t.finish(flags)
}

// finish emits what follows the sums: old values, activation and storing, for whole and for partial tiles.
func (t *tile) finish(flags reg.GPPhysical) {
	m := t.m
	alpha := m.vec[len(m.vec)-1]
	p, _ := Param("alpha").Resolve()
	VBROADCASTSS(p.Addr, alpha)
	zero := m.vec[len(m.vec)-2]
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
		if part && !m.wide { // the masks need the registers: alpha and zero are made again
			VBROADCASTSS(p.Addr, m.vec[14])
		}
		TESTQ(U32(2), flags)
		JZ(LabelRef("noLeaky" + n))
		t.leaky(part, alpha)
		Label("noLeaky" + n)
		TESTQ(U32(4), flags)
		JZ(LabelRef("noReLU" + n))
		z := zero
		if part && !m.wide {
			z = m.vec[14]
		}
		m.zero(z)
		for i := range 2 * t.mr {
			VMAXPS(t.acc(i/2, i%2), z, t.acc(i/2, i%2))
		}
		Label("noReLU" + n)
		t.store(part)
		m.end()
	}
}

// tile emits the parts of a GEMM micro-kernel of mr rows of a panel of stride rows; size is 4 or 8 bytes an element.
type tile struct {
	m                *machine
	mr, stride, size int
	rows, off, w     reg.GPPhysical
}

func (t *tile) acc(i, j int) reg.VecPhysical { return t.m.vec[2*i+j] }
func (t *tile) b(j int) reg.VecPhysical      { return t.m.vec[2*t.mr+j] }
func (t *tile) a(i int) reg.VecPhysical      { return t.m.vec[2*t.mr+2+i%2] }

func (t *tile) fma(b, a, acc reg.VecPhysical) {
	if t.size == 4 {
		VFMADD231PS(b, a, acc)
	} else {
		VFMADD231PD(b, a, acc)
	}
}

func (t *tile) add(x Op, acc reg.VecPhysical) {
	if t.size == 4 {
		VADDPS(x, acc, acc)
	} else {
		VADDPD(x, acc, acc)
	}
}

func (t *tile) broadcast(a Mem, v reg.VecPhysical) {
	if t.size == 4 {
		VBROADCASTSS(a, v)
	} else {
		t.m.broadcast64(a, v)
	}
}

func (t *tile) prefetch() { t.prefetchBy(reg.R8) }

// prefetchBy asks for the old values of the tile, with the help of register r.
func (t *tile) prefetchBy(r reg.GPPhysical) {
	if t.m.neon {
		return
	}
	for i := range t.mr {
		MOVQ(Mem{Base: t.rows, Disp: 8 * i}, r)
		PREFETCHT0(Mem{Base: r, Index: t.off, Scale: 1})
		if t.m.wide {
			PREFETCHT0(Mem{Base: r, Index: t.off, Scale: 1, Disp: 64})
		}
	}
}

// begin sets the sums to the bias, if there is one, or to zero.
func (t *tile) begin(bias reg.GPPhysical) {
	m := t.m
	TESTQ(bias, bias)
	JZ(LabelRef("zero"))
	at := Mem{Base: bias, Index: t.off, Scale: 1}
	CMPQ(t.w, Imm(uint64(2*m.lanes(4))))
	JNE(LabelRef("biasPart"))
	VMOVUPS(at, m.vec[0])
	VMOVUPS(at.Offset(m.bytes), m.vec[1])
	JMP(LabelRef("spread"))
	Label("biasPart")
	t.masks()
	m.loadMasked(at, reg.K1, m.vec[14], m.vec[0], 4)
	m.loadMasked(at.Offset(m.bytes), reg.K2, m.vec[15], m.vec[1], 4)
	Label("spread")
	for i := 1; i < t.mr; i++ {
		VMOVAPS(m.vec[0], t.acc(i, 0))
		VMOVAPS(m.vec[1], t.acc(i, 1))
	}
	JMP(LabelRef("go"))
	Label("zero")
	t.clear()
	Label("go")
}

func (t *tile) clear() {
	for i := range 2 * t.mr {
		t.m.zero(t.m.vec[i])
	}
}

// step is one depth: nv vectors of B, one broadcast per row.
func (t *tile) step(u, nv int, a, b reg.GPPhysical) {
	for j := range nv {
		VMOVUPS(Mem{Base: b, Disp: (2*u + j) * t.m.bytes}, t.b(j))
	}
	for i := range t.mr {
		t.broadcast(Mem{Base: a, Disp: (u*t.stride + i) * t.size}, t.a(i))
		for j := range nv {
			t.fma(t.b(j), t.a(i), t.acc(i, j))
		}
	}
}

// loop runs over the depth, four steps at a time. The order of the sums is one chain per element.
func (t *tile) loop(label string, nv int, k, a, b reg.GPPhysical) {
	const unroll = 4
	MOVQ(k, reg.R9)
	SHRQ(U8(2), reg.R9)
	ANDQ(U32(3), k)
	TESTQ(reg.R9, reg.R9)
	JZ(LabelRef("tail" + label))
	Label("loop" + label)
	for d := 0; d < unroll*2*t.m.bytes; d += 64 {
		PREFETCHT0(Mem{Base: b, Disp: 4*unroll*2*t.m.bytes + d})
	}
	for u := range unroll {
		t.step(u, nv, a, b)
	}
	ADDQ(U32(uint32(unroll*t.stride*t.size)), a)
	ADDQ(U32(uint32(unroll*2*t.m.bytes)), b)
	DECQ(reg.R9)
	JNZ(LabelRef("loop" + label))
	Label("tail" + label)
	TESTQ(k, k)
	JZ(LabelRef("done" + label))
	Label("tailLoop" + label)
	t.step(0, nv, a, b)
	ADDQ(U32(uint32(t.stride*t.size)), a)
	ADDQ(U32(uint32(2*t.m.bytes)), b)
	DECQ(k)
	JNZ(LabelRef("tailLoop" + label))
	Label("done" + label)
}

// masks makes the masks of the w first columns: K1 and K2, or the last two vectors.
func (t *tile) masks() {
	m := t.m
	n := m.lanes(t.size)
	if m.wide && !m.neon {
		MOVQ(I32(-1), reg.R8)
		BZHIQ(t.w, reg.R8, reg.R8)
		KMOVW(reg.R8L, reg.K1)
		SHRQ(U8(uint8(n)), reg.R8)
		KMOVW(reg.R8L, reg.K2)
		return
	}
	// lane counts min(w, n) and max(0, w-n)
	MOVQ(t.w, reg.R9)
	MOVQ(U32(uint32(n)), reg.R8)
	CMPQ(reg.R9, reg.R8)
	CMOVQGT(reg.R8, reg.R9)
	m.laneMask(reg.R9, t.size, reg.K1, m.vec[14], reg.R8, reg.R12)
	MOVQ(t.w, reg.R9)
	XORQ(reg.R8, reg.R8)
	SUBQ(U32(uint32(n)), reg.R9)
	CMOVQLT(reg.R8, reg.R9)
	m.laneMask(reg.R9, t.size, reg.K2, m.vec[15], reg.R8, reg.R12)
}

func (t *tile) eachRow(f func(i int, c0, c1 Mem)) {
	for i := range t.mr {
		MOVQ(Mem{Base: t.rows, Disp: 8 * i}, reg.R8)
		c := Mem{Base: reg.R8, Index: t.off, Scale: 1}
		f(i, c, c.Offset(t.m.bytes))
	}
}

func (t *tile) addOld(part bool) {
	m := t.m
	t.eachRow(func(i int, c0, c1 Mem) {
		if !part {
			t.add(c0, t.acc(i, 0))
			t.add(c1, t.acc(i, 1))
			return
		}
		m.loadMasked(c0, reg.K1, m.vec[14], t.b(0), t.size)
		m.loadMasked(c1, reg.K2, m.vec[15], t.b(1), t.size)
		t.add(t.b(0), t.acc(i, 0))
		t.add(t.b(1), t.acc(i, 1))
	})
}

// leaky scales the negative sums by alpha; the sign bit decides.
func (t *tile) leaky(part bool, alpha reg.VecPhysical) {
	m := t.m
	if part && !m.wide {
		alpha = m.vec[14]
	}
	for i := range 2 * t.mr {
		v, s := m.vec[i], m.vec[2*t.mr]
		if m.wide {
			VPMOVD2M(v, reg.K3)
			VMULPS(alpha, v, reg.K3, v)
			continue
		}
		VMULPS(alpha, v, s)
		VBLENDVPS(v, s, v, v)
	}
}

func (t *tile) store(part bool) {
	m := t.m
	if part && !m.wide {
		t.masks()
	}
	t.eachRow(func(i int, c0, c1 Mem) {
		if part {
			m.storeMasked(t.acc(i, 0), reg.K1, m.vec[14], c0, t.size)
			m.storeMasked(t.acc(i, 1), reg.K2, m.vec[15], c1, t.size)
			return
		}
		VMOVUPS(t.acc(i, 0), c0)
		VMOVUPS(t.acc(i, 1), c1)
	})
}
