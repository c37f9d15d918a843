package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lane is what the body of an elementwise loop sees: how to load and store a vector of a named slice.
type lane struct {
	*machine
	load  func(name string, v int)
	store func(v int, name string)
}

// v returns vector register i.
func (l lane) v(i int) reg.VecPhysical { return l.vec[i] }

var pointers = []reg.GPPhysical{reg.RDI, reg.RSI, reg.RBX, reg.RDX, reg.R10, reg.R11}

// loop emits a function over equally long slices: whole vectors, then one masked vector. consts runs before the loop.
func (m *machine) loop(name, signature, doc string, slices, scalars []string, consts func(m *machine), body func(l lane, f map[string]reg.VecPhysical)) {
	m.text(name, signature, doc)
	at := map[string]reg.GPPhysical{}
	for i, s := range slices {
		Load(Param(s).Base(), pointers[i])
		at[s] = pointers[i]
	}
	Load(Param(slices[0]).Len(), reg.RCX)
	f := map[string]reg.VecPhysical{}
	for _, s := range scalars {
		f[s] = m.scalar(s, 4)
	}
	if consts != nil {
		consts(m)
	}
	var restore func()
	if m.flush {
		restore = m.flushToZero()
	}
	XORQ(reg.R9, reg.R9)
	mem := func(s string) Mem { return Mem{Base: at[s], Index: reg.R9, Scale: 1} }
	SUBQ(U32(uint32(m.lanes(4))), reg.RCX)
	JLT(LabelRef("tail"))
	Label("loop")
	body(lane{m, func(s string, v int) { VMOVUPS(mem(s), m.vec[v]) }, func(v int, s string) { VMOVUPS(m.vec[v], mem(s)) }}, f)
	ADDQ(U32(uint32(m.bytes)), reg.R9)
	SUBQ(U32(uint32(m.lanes(4))), reg.RCX)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(U32(uint32(m.lanes(4))), reg.RCX)
	JZ(LabelRef("end"))
	mask := m.vec[0]
	if !m.wide {
		m.top--
		mask = m.vec[m.top]
	}
	m.laneMask(reg.RCX, 4, reg.K1, mask, reg.RAX, reg.R12)
	body(lane{m, func(s string, v int) { m.loadMasked(mem(s), reg.K1, mask, m.vec[v], 4) },
		func(v int, s string) { m.storeMasked(m.vec[v], reg.K1, mask, mem(s), 4) }}, f)
	Label("end")
	if m.flush {
		restore()
	}
	m.end()
}

// flushToZero lets the processor take numbers below 2^-126 as zero, which it is told by two bits of its control register; restore takes that back.
func (m *machine) flushToZero() (restore func()) {
	zeros := uint32(1<<15 | 1<<6) // of results, of operands
	if m.neon {
		zeros = 1 << 24 // of both
	}
	was := AllocLocal(8)
	now := was.Offset(4)
	VSTMXCSR(was)
	MOVL(was, reg.EAX)
	ORL(U32(zeros), reg.EAX)
	MOVL(reg.EAX, now)
	VLDMXCSR(now)
	return func() { VLDMXCSR(was) }
}

func elementwise(m *machine) {
	for _, b := range []struct {
		name string
		op   func(...Op)
	}{{"add", VADDPS}, {"sub", VSUBPS}, {"mul", VMULPS}, {"div", VDIVPS}} {
		m.binary(b.name, func(l lane) { b.op(l.v(1), l.v(0), l.v(0)) })
	}
	// MAX returns its second source when either is NaN: a NaN in the first is put back.
	m.binary("max", func(l lane) {
		VMAXPS(l.v(1), l.v(0), l.v(2))
		l.pick(cmpUnord, l.v(0), l.v(0), l.v(0), l.v(2), l.v(3))
		VMOVAPS(l.v(2), l.v(0))
	})
	m.unary("sqrt", nil, func(l lane) { VSQRTPS(l.v(0), l.v(0)) })
	m.unary("rsqrt", []float64{1}, func(l lane) {
		VSQRTPS(l.v(0), l.v(0))
		VDIVPS(l.v(0), l.in(l.f(1), l.v(1)).(reg.VecPhysical), l.v(0))
	})
	m.unary("square", nil, func(l lane) { VMULPS(l.v(0), l.v(0), l.v(0)) })
	m.loop("abs", sig1, "is |x|.", []string{"y", "x"}, nil, func(m *machine) { m.bits(0x7fffffff) }, func(l lane, _ map[string]reg.VecPhysical) {
		l.load("x", 0)
		VANDPS(l.bits(0x7fffffff), l.v(0), l.v(0))
		l.store(0, "y")
	})
	m.unary("sign", []float64{1, -1, 0}, func(l lane) {
		zero := l.in(l.f(0), l.v(1)).(reg.VecPhysical)
		VMOVAPS(l.v(0), l.v(2))
		one := l.in(l.f(1), l.v(3)).(reg.VecPhysical)
		l.pick(cmpGT, l.v(0), zero, one, l.v(2), l.v(4))
		one = l.in(l.f(-1), l.v(3)).(reg.VecPhysical)
		l.pick(cmpLT, l.v(0), zero, one, l.v(2), l.v(4))
		VMOVAPS(l.v(2), l.v(0))
	})
	m.unary("relu", []float64{0}, func(l lane) {
		VMAXPS(l.v(0), l.in(l.f(0), l.v(1)), l.v(0))
	})
	m.affine()
	m.activations()
	m.transcendental()
}

const (
	sig1 = "func(y, x []float32)"
	sig2 = "func(y, a, b []float32)"
)

func (m *machine) binary(name string, op func(l lane)) {
	m.loop(name, sig2, "works element by element.", []string{"y", "a", "b"}, nil, nil, func(l lane, _ map[string]reg.VecPhysical) {
		l.load("a", 0)
		l.load("b", 1)
		op(l)
		l.store(0, "y")
	})
}

// unary emits y = op(x); op works on vector 0.
func (m *machine) unary(name string, consts []float64, op func(l lane)) {
	m.loop(name, sig1, "works element by element.", []string{"y", "x"}, nil, func(m *machine) { m.load32(consts...) }, func(l lane, _ map[string]reg.VecPhysical) {
		l.load("x", 0)
		op(l)
		l.store(0, "y")
	})
}

func (m *machine) affine() {
	m.loop("axpb", "func(y, x []float32, a, b float32)", "is a*x+b.", []string{"y", "x"}, []string{"a", "b"}, nil, func(l lane, f map[string]reg.VecPhysical) {
		l.load("x", 0)
		VFMADD213PS(f["b"], f["a"], l.v(0))
		l.store(0, "y")
	})
	m.loop("axpy", "func(y, x []float32, a float32)", "adds a*x to y.", []string{"y", "x"}, []string{"a"}, nil, func(l lane, f map[string]reg.VecPhysical) {
		l.load("x", 0)
		l.load("y", 1)
		VFMADD231PS(f["a"], l.v(0), l.v(1))
		l.store(1, "y")
	})
	m.loop("clamp", "func(y, x []float32, a, b float32)", "is min(max(x, a), b); NaN stays.", []string{"y", "x"}, []string{"a", "b"}, nil, func(l lane, f map[string]reg.VecPhysical) {
		l.load("x", 0)
		VMAXPS(l.v(0), f["a"], l.v(0))
		VMINPS(l.v(0), f["b"], l.v(0))
		l.store(0, "y")
	})
}

func (m *machine) activations() {
	m.loop("leaky", "func(y, x []float32, a float32)", "is x where x > 0, a*x elsewhere.", []string{"y", "x"}, []string{"a"}, nil, func(l lane, f map[string]reg.VecPhysical) {
		l.load("x", 0)
		VMULPS(f["a"], l.v(0), l.v(1))
		l.negative(l.v(0), l.v(1), l.v(0))
		l.store(0, "y")
	})
	m.grad("reluGrad", "", func(l lane, _ map[string]reg.VecPhysical) {
		l.zero(l.v(2))
		VMOVAPS(l.v(2), l.v(3))
		l.pick(cmpLE, l.v(0), l.v(3), l.v(2), l.v(1), l.v(4))
	})
	m.grad("leakyGrad", "alpha", func(l lane, f map[string]reg.VecPhysical) {
		l.zero(l.v(3))
		VMULPS(f["alpha"], l.v(1), l.v(2))
		l.pick(cmpLE, l.v(0), l.v(3), l.v(2), l.v(1), l.v(4))
	})
	m.grad("tanhGrad", "", func(l lane, _ map[string]reg.VecPhysical) {
		one := l.in(l.f(1), l.v(2)).(reg.VecPhysical)
		VMULPS(l.v(0), l.v(0), l.v(0))
		VSUBPS(l.v(0), one, l.v(0))
		VMULPS(l.v(0), l.v(1), l.v(1))
	})
	m.grad("sigmoidGrad", "", func(l lane, _ map[string]reg.VecPhysical) {
		one := l.in(l.f(1), l.v(2)).(reg.VecPhysical)
		VSUBPS(l.v(0), one, l.v(3))
		VMULPS(l.v(3), l.v(0), l.v(0))
		VMULPS(l.v(0), l.v(1), l.v(1))
	})
}

// negative sets dst = neg where v has its sign bit set, v elsewhere.
func (m *machine) negative(v, neg, dst reg.VecPhysical) {
	if m.wide {
		VPMOVD2M(v, reg.K2)
		VMOVAPS(neg, reg.K2, dst)
		return
	}
	VBLENDVPS(v, neg, v, dst)
}

// grad emits dx from the output y (vector 0) and the gradient g (vector 1, also the result).
func (m *machine) grad(name, scalar string, op func(l lane, f map[string]reg.VecPhysical)) {
	sig, sc := "func(dx, y, gr []float32)", []string(nil)
	if scalar != "" {
		sig, sc = "func(dx, y, gr []float32, "+scalar+" float32)", []string{scalar}
	}
	m.loop(name, sig, "is the gradient, from the output y.", []string{"dx", "y", "gr"}, sc, func(m *machine) { m.f(1) }, func(l lane, f map[string]reg.VecPhysical) {
		l.load("y", 0)
		l.load("gr", 1)
		op(l, f)
		l.store(1, "dx")
	})
}

// recurrent emits what a cell with a long short-term memory adds to the elementwise functions; each operation is rounded by itself.
func recurrent(m *machine) {
	m.loop("lstmState", "func(y, f, c, i, gr []float32)", "is f*c + i*gr.", []string{"y", "f", "c", "i", "gr"}, nil, nil, func(l lane, _ map[string]reg.VecPhysical) {
		for v, s := range []string{"f", "c", "i", "gr"} {
			l.load(s, v)
		}
		VMULPS(l.v(1), l.v(0), l.v(0))
		VMULPS(l.v(3), l.v(2), l.v(2))
		VADDPS(l.v(2), l.v(0), l.v(0))
		l.store(0, "y")
	})
	m.loop("lstmCarry", "func(y, d, t, o, h []float32)", "is d + (1 - t*t)*(o*h).", []string{"y", "d", "t", "o", "h"}, nil, func(m *machine) { m.f(1) }, func(l lane, _ map[string]reg.VecPhysical) {
		for v, s := range []string{"d", "t", "o", "h"} {
			l.load(s, v)
		}
		one := l.in(l.f(1), l.v(4)).(reg.VecPhysical)
		VMULPS(l.v(3), l.v(2), l.v(2))
		VMULPS(l.v(1), l.v(1), l.v(1))
		VSUBPS(l.v(1), one, l.v(1))
		VMULPS(l.v(1), l.v(2), l.v(2))
		VADDPS(l.v(2), l.v(0), l.v(0))
		l.store(0, "y")
	})
	m.loop("mulBoth", "func(y, z, a, b, c []float32)", "is y = a*b, z = a*c.", []string{"y", "z", "a", "b", "c"}, nil, nil, func(l lane, _ map[string]reg.VecPhysical) {
		for v, s := range []string{"a", "b", "c"} {
			l.load(s, v)
		}
		VMULPS(l.v(1), l.v(0), l.v(1))
		VMULPS(l.v(2), l.v(0), l.v(2))
		l.store(1, "y")
		l.store(2, "z")
	})
}

// optimisers flush tiny numbers to zero: the states of weights whose gradient stays 0 halve until they are denormal, which processors handle a hundred times as slowly, and stay there.
func optimisers(m *machine) {
	m.flush = true
	m.loop("adam", "func(w, gr, m, v []float32, b1, c1, b2, c2, lr, r2, eps float32)", "is one fused step of Adam.",
		[]string{"w", "gr", "m", "v"}, []string{"b1", "c1", "b2", "c2", "lr", "r2", "eps"}, nil, func(l lane, f map[string]reg.VecPhysical) {
			l.load("gr", 0)
			l.load("m", 1)
			l.load("v", 2)
			l.load("w", 3)
			VMULPS(f["b1"], l.v(1), l.v(1))
			VFMADD231PS(f["c1"], l.v(0), l.v(1))
			VMULPS(l.v(0), l.v(0), l.v(0))
			VMULPS(f["b2"], l.v(2), l.v(2))
			VFMADD231PS(f["c2"], l.v(0), l.v(2))
			l.store(1, "m")
			l.store(2, "v")
			VSQRTPS(l.v(2), l.v(2))
			VFMADD213PS(f["eps"], f["r2"], l.v(2))
			VDIVPS(l.v(2), l.v(1), l.v(1))
			VFNMADD231PS(f["lr"], l.v(1), l.v(3))
			l.store(3, "w")
		})
	m.loop("rmsprop", "func(w, gr, s []float32, lr, decay, c, eps float32)", "is one fused step of RMSProp.",
		[]string{"w", "gr", "s"}, []string{"lr", "decay", "c", "eps"}, nil, func(l lane, f map[string]reg.VecPhysical) {
			l.load("gr", 0)
			l.load("s", 1)
			l.load("w", 2)
			VMULPS(l.v(0), l.v(0), l.v(3))
			VMULPS(f["decay"], l.v(1), l.v(1))
			VFMADD231PS(f["c"], l.v(3), l.v(1))
			l.store(1, "s")
			VSQRTPS(l.v(1), l.v(1))
			VADDPS(f["eps"], l.v(1), l.v(1))
			VDIVPS(l.v(1), l.v(0), l.v(0))
			VFNMADD231PS(f["lr"], l.v(0), l.v(2))
			l.store(2, "w")
		})
	m.loop("sgd", "func(w, gr, buf []float32, lr, momentum float32)", "is one fused step of gradient descent with momentum.",
		[]string{"w", "gr", "buf"}, []string{"lr", "momentum"}, nil, func(l lane, f map[string]reg.VecPhysical) {
			l.load("gr", 0)
			l.load("buf", 1)
			l.load("w", 2)
			VFMADD213PS(l.v(0), f["momentum"], l.v(1))
			l.store(1, "buf")
			VFNMADD231PS(f["lr"], l.v(1), l.v(2))
			l.store(2, "w")
		})
	m.flush = false
	// no fused multiply-add: each operation is rounded by itself, as in the portable twin
	m.loop("approach", "func(a, w []float32, share float32)", "moves a towards w by a share.",
		[]string{"a", "w"}, []string{"share"}, nil, func(l lane, f map[string]reg.VecPhysical) {
			l.load("a", 0)
			l.load("w", 1)
			VSUBPS(l.v(0), l.v(1), l.v(1))
			VMULPS(f["share"], l.v(1), l.v(1))
			VADDPS(l.v(1), l.v(0), l.v(0))
			l.store(0, "a")
		})
}
