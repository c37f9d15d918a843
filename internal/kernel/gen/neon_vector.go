package main

import "strings"

// vop is a NEON instruction: its encoding without registers, its name and the shape of its vectors.
type vop struct {
	code        uint32
	name, shape string
}

// simple are the instructions of two operands and a result, without mask.
var simple = map[string]vop{
	"VADDPS": {0x4e20d400, "fadd", "4s"}, "VADDPD": {0x4e60d400, "fadd", "2d"}, "VSUBPS": {0x4ea0d400, "fsub", "4s"}, "VSUBPD": {0x4ee0d400, "fsub", "2d"},
	"VMULPS": {0x6e20dc00, "fmul", "4s"}, "VMULPD": {0x6e60dc00, "fmul", "2d"}, "VDIVPS": {0x6e20fc00, "fdiv", "4s"},
	"VHADDPS": {0x6e20d400, "faddp", "4s"}, "VHADDPD": {0x6e60d400, "faddp", "2d"}, "VADDSD": {0x1e602800, "fadd", ""},
	"VANDPS": {0x4e201c00, "and", "16b"}, "VORPS": {0x4ea01c00, "orr", "16b"}, "VPORQ": {0x4ea01c00, "orr", "16b"},
	"VXORPS": {0x6e201c00, "eor", "16b"}, "VPXORD": {0x6e201c00, "eor", "16b"}, "VPXORQ": {0x6e201c00, "eor", "16b"},
	"VPADDD": {0x4ea08400, "add", "4s"}, "VPADDQ": {0x4ee08400, "add", "2d"}, "VPSUBD": {0x6ea08400, "sub", "4s"},
	"VUNPCKLPS": {0x4e803800, "zip1", "4s"}, "VUNPCKHPS": {0x4e807800, "zip2", "4s"},
	"VUNPCKLPD": {0x4ec03800, "zip1", "2d"}, "VUNPCKHPD": {0x4ec07800, "zip2", "2d"}, "VPUNPCKLQDQ": {0x4ec03800, "zip1", "2d"}, "VPUNPCKHQDQ": {0x4ec07800, "zip2", "2d"},
}

// alone are those of one operand. Rounding and conversion go to the nearest, ties to even.
var alone = map[string]vop{
	"VSQRTPS": {0x6ea1f800, "fsqrt", "4s"}, "VRNDSCALEPS": {0x4e218800, "frintn", "4s"}, "VCVTPS2DQ": {0x4e21a800, "fcvtns", "4s"}, "VCVTDQ2PS": {0x4e21d800, "scvtf", "4s"},
}

// shifts by a constant: to the left the number goes into the encoding as bits+n, to the right as 2*bits-n.
var shifts = map[string]struct {
	vop
	base int
	left bool
}{
	"VPSLLD": {vop{0x4f005400, "shl", "4s"}, 32, true}, "VPSLLQ": {vop{0x4f005400, "shl", "2d"}, 64, true},
	"VPSRLD": {vop{0x6f000400, "ushr", "4s"}, 64, false}, "VPSRLQ": {vop{0x6f000400, "ushr", "2d"}, 128, false}, "VPSRAD": {vop{0x4f000400, "sshr", "4s"}, 64, false},
}

var (
	mla      = vop{0x4e20cc00, "fmla", "4s"}
	mls      = vop{0x4ea0cc00, "fmls", "4s"}
	mla64    = vop{0x4e60cc00, "fmla", "2d"}
	greater  = vop{0x6ea0e400, "fcmgt", "4s"}
	atLeast  = vop{0x6e20e400, "fcmge", "4s"}
	equal    = vop{0x4e20e400, "fcmeq", "4s"}
	and      = vop{0x4e201c00, "and", "16b"}
	copyOf   = vop{0x4ea01c00, "orr", "16b"}
	not      = vop{0x6e205800, "mvn", "16b"}
	choose   = vop{0x6e601c00, "bsl", "16b"} // result where it has ones the first, else the second
	insert   = vop{0x6ea01c00, "bit", "16b"} // the first where the second has ones
	negative = vop{0x4ea0a800, "cmlt", "4s"}
)

func (l *lower) op3(o vop, d, n, m int) {
	if o.shape == "" {
		l.word(three(o.code, d, n, m), "%s d%d, d%d, d%d", o.name, d, n, m)
		return
	}
	l.word(three(o.code, d, n, m), "%s v%d.%s, v%d.%s, v%d.%s", o.name, d, o.shape, n, o.shape, m, o.shape)
}

func (l *lower) op2(o vop, d, n int) {
	tail := ""
	if o.name == negative.name {
		tail = ", #0"
	}
	l.word(three(o.code, d, n, 0), "%s v%d.%s, v%d.%s%s", o.name, d, o.shape, n, o.shape, tail)
}

func (l *lower) copy(d, n int) {
	if d != n {
		l.word(three(copyOf.code, d, n, n), "mov v%d.16b, v%d.16b", d, n)
	}
}

func (l *lower) clear(d int) { l.word(0x6f00e400|uint32(d), "movi v%d.2d, #0", d) }

// vec returns an operand in a register.
func (l *lower) vec(a arg) int {
	if a.kind == argVec {
		return a.n
	}
	l.move("ldr", 16, vTemp, a)
	return vTemp
}

// vector translates an instruction on vectors; false if it is none.
func (l *lower) vector(x ins) bool {
	a := x.args
	last := len(a) - 1
	op, zeroing := strings.CutSuffix(x.op, ".Z")
	if s, ok := simple[op]; ok {
		l.arithmetic(s, x)
		return true
	}
	if s, ok := alone[op]; ok {
		l.op2(s, a[last].n, l.vec(a[last-1]))
		return true
	}
	if s, ok := shifts[op]; ok {
		n := s.base - int(a[0].imm)
		if s.left {
			n = s.base + int(a[0].imm)
		}
		l.word(three(s.code, a[2].n, a[1].n, n), "%s v%d.%s, v%d.%s, #%d", s.name, a[2].n, s.shape, a[1].n, s.shape, a[0].imm)
		return true
	}
	switch op {
	case "VMOVUPS", "VMOVUPD", "VMOVAPS", "VMOVDQA64", "VMOVDQU64":
		size := 4
		if strings.HasSuffix(op, "PD") {
			size = 8
		}
		l.moves(a, size, zeroing)
	case "VMOVSD", "MOVSD":
		l.move("str", 8, a[0].n, a[1])
	case "MOVSS":
		l.move("str", 4, a[0].n, a[1])
	case "VBROADCASTSS":
		l.broadcast(a[0], a[1].n, 4)
	case "VBROADCASTSD":
		l.broadcast(a[0], a[1].n, 8)
	case "VFMADD231PS.BCST":
		l.broadcast(a[0], vTemp, 4)
		l.op3(mla, a[2].n, a[1].n, vTemp)
	case "VFMADD231PS":
		l.op3(mla, a[2].n, a[1].n, l.vec(a[0]))
	case "VFMADD231PD":
		l.op3(mla64, a[2].n, a[1].n, l.vec(a[0]))
	case "VFNMADD231PS":
		l.op3(mls, a[2].n, a[1].n, l.vec(a[0]))
	case "VFMADD213PS": // the first operand is what is added to
		if v := l.vec(a[0]); v != vTemp {
			l.copy(vTemp, v)
		}
		l.op3(mla, vTemp, a[1].n, a[2].n)
		l.copy(a[2].n, vTemp)
	case "VMAXPS", "VMINPS": // the first operand where the comparison does not hold: of NaN, of equal numbers
		second := l.vec(a[0])
		p, q := a[1].n, second
		if op == "VMINPS" {
			p, q = q, p
		}
		l.op3(greater, vMask, p, q)
		l.op3(choose, vMask, a[1].n, second)
		l.copy(a[2].n, vMask)
	case "VCMPPS":
		l.compare(int(a[0].imm), a[2].n, l.vec(a[1]), a[3])
	case "VPMOVD2M":
		l.op2(negative, vMask, a[0].n)
	case "VMOVMSKPS":
		l.masks = true
		l.word(three(0x4f000400, vTemp, a[0].n, 33), "sshr v%d.4s, v%d.4s, #31", vTemp, a[0].n)
		l.move("ldr", 16, vMask, arg{kind: argData, sym: "laneBits<>+0(SB)"})
		l.op3(and, vTemp, vTemp, vMask)
		l.word(three(0x4eb1b800, vTemp, vTemp, 0), "addv s%d, v%d.4s", vTemp, vTemp)
		l.word(three(0x1e260000, a[1].n, vTemp, 0), "fmov w%d, s%d", a[1].n, vTemp)
	case "VPMULUDQ":
		l.word(three(0x0ea12800, vTemp, l.vec(a[0]), 0), "xtn v%d.2s, v%d.2d", vTemp, l.vec2(a[0]))
		l.word(three(0x0ea12800, vMask, a[1].n, 0), "xtn v%d.2s, v%d.2d", vMask, a[1].n)
		l.word(three(0x2ea0c000, a[2].n, vMask, vTemp), "umull v%d.2d, v%d.2s, v%d.2s", a[2].n, vMask, vTemp)
	case "VMOVQ":
		l.word(three(0x9e670000, a[1].n, a[0].n, 0), "fmov d%d, x%d", a[1].n, a[0].n)
	case "VPBROADCASTQ":
		l.word(three(0x4e080400, a[1].n, a[0].n, 0), "dup v%d.2d, v%d.d[0]", a[1].n, a[0].n)
	case "VCVTPS2PD":
		l.move("ldr", 8, vTemp, a[0])
		l.word(three(0x0e617800, a[1].n, vTemp, 0), "fcvtl v%d.2d, v%d.2s", a[1].n, vTemp)
	case "VCVTSS2SD":
		l.move("ldr", 4, vTemp, a[0])
		l.word(three(0x1e22c000, a[2].n, vTemp, 0), "fcvt d%d, s%d", a[2].n, vTemp)
	default:
		return false
	}
	return true
}

// vec2 is the register that vec has loaded an operand into.
func (l *lower) vec2(a arg) int {
	if a.kind == argVec {
		return a.n
	}
	return vTemp
}

// arithmetic is one of simple, under the mask of the last comparison if it names a mask register.
func (l *lower) arithmetic(o vop, x ins) {
	a := x.args
	d := a[len(a)-1].n
	if o.name == "eor" && a[0].kind == argVec && a[0].n == a[1].n {
		l.clear(d)
		return
	}
	m := l.vec(a[0])
	if len(a) == 4 {
		l.op3(o, vTemp, a[1].n, m)
		l.op3(insert, d, vTemp, vMask)
		return
	}
	l.op3(o, d, a[1].n, m)
}

// compare sets a mask to a OP b, by the number of the comparison.
func (l *lower) compare(op, a, b int, to arg) {
	d := vMask
	if to.kind == argVec {
		d = to.n
	}
	switch op {
	case cmpLT:
		l.op3(greater, d, b, a)
	case cmpLE:
		l.op3(atLeast, d, b, a)
	case cmpGT:
		l.op3(greater, d, a, b)
	case cmpGE:
		l.op3(atLeast, d, a, b)
	case cmpEQ:
		l.op3(equal, d, a, b)
	case cmpNLT:
		l.op3(greater, d, b, a)
		l.op2(not, d, d)
	case cmpUnord:
		if a != b {
			panic("unordered: of one number with itself only")
		}
		l.op3(equal, d, a, a)
		l.op2(not, d, d)
	default:
		panic("unknown comparison")
	}
}
