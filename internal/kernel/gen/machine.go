package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// machine is one instruction set: the width of its vectors and how it masks.
type machine struct {
	flush   bool // loops take denormal numbers as zero
	name    string
	wide    bool // many registers, and mask registers
	neon    bool // to be translated: vectors of 128 bits, mask registers that hold counts
	bytes   int
	vec     []reg.VecPhysical
	top     int // registers from top on hold broadcasts in the function at hand
	consts  map[uint32]Op
	globals map[string]Mem
}

var zmm = []reg.VecPhysical{reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10,
	reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15, reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
	reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}

var ymm = []reg.VecPhysical{reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10,
	reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15}

func avx512() *machine {
	return &machine{name: "AVX512", wide: true, bytes: 64, vec: zmm, globals: map[string]Mem{}}
}

func avx2() *machine {
	return &machine{name: "AVX2", bytes: 32, vec: ymm, globals: map[string]Mem{}}
}

// neon has X registers and, in the place of masks, counts of lanes; see translate.
func neon() *machine {
	m := &machine{name: "NEON", wide: true, neon: true, bytes: 16, globals: map[string]Mem{}}
	for i := range vElem0 {
		m.vec = append(m.vec, zmm[i].(reg.Vec).AsX().(reg.VecPhysical))
	}
	return m
}

// lanes is the number of elements of size bytes in a vector.
func (m *machine) lanes(size int) int { return m.bytes / size }

// text begins a function.
func (m *machine) text(name, signature, doc string) {
	TEXT(name+m.name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(name + m.name + " " + doc)
	m.top = len(m.vec)
	m.consts = map[uint32]Op{}
}

func (m *machine) end() {
	VZEROUPPER()
	RET()
}

// param loads an integer or pointer argument.
func param(name string, r reg.GPPhysical) reg.GPPhysical {
	Load(Param(name), r)
	return r
}

// scalar broadcasts a float argument into the next high register.
func (m *machine) scalar(name string, size int) reg.VecPhysical {
	m.top--
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	if size == 4 {
		VBROADCASTSS(b.Addr, m.vec[m.top])
	} else {
		m.broadcast64(b.Addr, m.vec[m.top])
	}
	return m.vec[m.top]
}

// broadcast64 has a name of its own for vectors of two numbers.
func (m *machine) broadcast64(a Mem, v reg.VecPhysical) {
	if m.neon {
		VMOVDDUP(a, v)
	} else {
		VBROADCASTSD(a, v)
	}
}

// bodyRegisters is the number of registers that the bodies of loops work in.
const bodyRegisters = 8

// bits returns a vector constant: a register filled before the loop with AVX-512, a memory operand with AVX2,
// which has too few registers.
func (m *machine) bits(u uint32) Op {
	if c, ok := m.consts[u]; ok {
		return c
	}
	mem := m.words(u)
	var c Op = mem
	if m.wide && (!m.neon || m.top > bodyRegisters) {
		m.top--
		VMOVUPS(mem, m.vec[m.top])
		c = m.vec[m.top]
	}
	m.consts[u] = c
	return c
}

// f returns a float constant.
func (m *machine) f(v float64) Op { return m.bits(math.Float32bits(float32(v))) }

// mem returns a float constant in memory with every set: for those that are used once a vector, of which there are more than registers.
func (m *machine) mem(v float64) Op {
	return m.words(math.Float32bits(float32(v)))
}

// words declares a vector of equal words.
func (m *machine) words(u uint32) Mem {
	return m.table(fmt.Sprintf("const%s_%08x", m.name, u), func() (d []uint32) {
		for range m.bytes / 4 {
			d = append(d, u)
		}
		return
	})
}

// load32 declares constants before a loop.
func (m *machine) load32(v ...float64) {
	for _, c := range v {
		m.f(c)
	}
}

// in returns the constant in a register: itself, or t after loading it.
func (m *machine) in(c Op, t reg.VecPhysical) Op {
	if _, ok := c.(reg.VecPhysical); ok && m.wide {
		return c
	}
	VMOVUPS(c, t)
	return t
}

// table declares read-only data once.
func (m *machine) table(name string, data func() []uint32) Mem {
	if g, ok := m.globals[name]; ok {
		return g
	}
	g := GLOBL(name, RODATA|NOPTR)
	for i, u := range data() {
		DATA(4*i, U32(u))
	}
	m.globals[name] = g
	return g
}

// maskTable is 8 ones and 8 zeros: a window of it masks any number of lanes.
func (m *machine) maskTable() Mem {
	return m.table("masks"+m.name, func() []uint32 {
		d := make([]uint32, 16)
		for i := range 8 {
			d[i] = ^uint32(0)
		}
		return d
	})
}

// laneMask turns a count 0..lanes of 4-byte lanes into a mask: K register k, or vector v. It clobbers t and u.
func (m *machine) laneMask(count reg.GPPhysical, size int, k reg.OpmaskPhysical, v reg.VecPhysical, t, u reg.GPPhysical) {
	if m.neon {
		KMOVQ(count, k)
		return
	}
	if m.wide {
		MOVQ(I32(-1), t)
		BZHIQ(count, t, t)
		KMOVW(t.As32(), k)
		return
	}
	LEAQ(m.maskTable().Offset(0), t)
	MOVQ(count, u)
	if size == 8 {
		SHLQ(U8(1), u)
	}
	NEGQ(u)
	VMOVUPS(Mem{Base: t, Index: u, Scale: 4, Disp: 32}, v)
}

// loadMasked and storeMasked touch only the masked lanes; others load as zero.
func (m *machine) loadMasked(a Mem, k reg.OpmaskPhysical, mask, dst reg.VecPhysical, size int) {
	switch {
	case m.wide && size == 4:
		VMOVUPS_Z(a, k, dst)
	case m.wide:
		VMOVUPD_Z(a, k, dst)
	case size == 4:
		VMASKMOVPS(a, mask, dst)
	default:
		VMASKMOVPD(a, mask, dst)
	}
}

func (m *machine) storeMasked(src reg.VecPhysical, k reg.OpmaskPhysical, mask reg.VecPhysical, a Mem, size int) {
	switch {
	case m.wide && size == 4:
		VMOVUPS(src, k, a)
	case m.wide:
		VMOVUPD(src, k, a)
	case size == 4:
		VMASKMOVPS(src, mask, a)
	default:
		VMASKMOVPD(src, mask, a)
	}
}

func (m *machine) zero(v reg.VecPhysical) {
	if m.wide {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

// pick sets dst = yes where a OP b holds (OP by its VCMPPS number). t is clobbered with AVX2.
func (m *machine) pick(op uint8, a reg.VecPhysical, b Op, yes, dst, t reg.VecPhysical) {
	if m.wide {
		VCMPPS(U8(op), b, a, reg.K2)
		VMOVAPS(yes, reg.K2, dst)
		return
	}
	VCMPPS(U8(op), b, a, t)
	VBLENDVPS(t, yes, dst, dst)
}

// Numbers of the comparisons, ordered ones false for NaN.
const (
	cmpLT    = 17
	cmpLE    = 18
	cmpUnord = 3
	cmpNLT   = 5
	cmpGT    = 30
	cmpEQ    = 0
)
