package main

import "fmt"

var jumps = map[string]string{"JZ": "BEQ", "JEQ": "BEQ", "JNZ": "BNE", "JNE": "BNE", "JLT": "BLT", "JGE": "BGE", "JLE": "BLE", "JG": "BGT", "JGT": "BGT", "JMP": "B"}

// one translates an instruction by itself.
func (l *lower) one(x ins) {
	a := x.args
	if j, ok := jumps[x.op]; ok {
		l.emit("%s %s", j, a[0].text)
		return
	}
	if l.vector(x) || l.integer(x) {
		return
	}
	switch x.op {
	case "PREFETCHT0", "PREFETCHT1", "VZEROUPPER":
	case "RET":
		l.emit("RET")
	case "KMOVQ": // a count of lanes
		l.emit("MOVD R%d, R%d", a[0].n, a[1].n)
	case "KMOVW": // whether any lane is set
		l.word(three(0x6eb0a800, vTemp, vMask, 0), "umaxv s%d, v%d.4s", vTemp, vMask)
		l.word(three(0x1e260000, a[1].n, vTemp, 0), "fmov w%d, s%d", a[1].n, vTemp)
	case "VSTMXCSR":
		l.word(0xd53b4400|uint32(a[0].n), "mrs x%d, fpcr", a[0].n)
	case "VLDMXCSR":
		l.word(0xd51b4400|uint32(a[0].n), "msr fpcr, x%d", a[0].n)
	case "SETEQ":
		l.emit("CSET EQ, R%d", a[0].n)
	default:
		panic(fmt.Sprintf("no NEON for %s", x.op))
	}
}

// integer translates what general registers do; false if it is none of that. Those whose flags anyone asks for set them as x86 does.
func (l *lower) integer(x ins) bool {
	a := x.args
	val := func(a arg) string { // a source: an immediate or a register
		if a.kind == argImm {
			return fmt.Sprintf("$%d", a.imm)
		}
		return fmt.Sprintf("R%d", a.n)
	}
	two := func(op string) { l.emit("%s %s, R%d, R%d", op, val(a[0]), a[1].n, a[1].n) }
	switch x.op {
	case "MOVQ", "MOVL", "MOVB", "MOVW":
		l.moveWord(x)
	case "ADDQ":
		two("ADDS")
	case "SUBQ":
		two("SUBS")
	case "ANDQ":
		two("ANDS")
	case "ORL":
		two("ORR")
	case "SHLQ":
		two("LSL")
	case "SHLL":
		two("LSLW")
	case "SHRQ":
		two("LSR")
		l.emit("CMP $0, R%d", a[1].n)
	case "XORQ":
		if a[0].n != a[1].n {
			panic("exclusive or of two registers")
		}
		l.emit("MOVD ZR, R%d", a[0].n)
	case "DECQ":
		if a[0].kind == argFrame {
			l.emit("MOVD %s, R%d", a[0].sym, rTemp)
			l.emit("SUBS $1, R%d, R%d", rTemp, rTemp)
			l.emit("MOVD R%d, %s", rTemp, a[0].sym)
			return true
		}
		l.emit("SUBS $1, R%d, R%d", a[0].n, a[0].n)
	case "NEGQ":
		l.emit("NEGS R%d, R%d", a[0].n, a[0].n)
	case "CMPQ":
		l.emit("CMP %s, R%d", val(a[1]), a[0].n)
	case "TESTQ":
		l.emit("TST %s, R%d", val(a[0]), a[1].n)
	case "TESTL":
		l.emit("TSTW %s, R%d", val(a[0]), a[1].n)
	case "CMOVQGT":
		l.emit("CSEL GT, R%d, R%d, R%d", a[0].n, a[1].n, a[1].n)
	case "CMOVQLT":
		l.emit("CSEL LT, R%d, R%d, R%d", a[0].n, a[1].n, a[1].n)
	case "LEAQ":
		l.emit("MOVD R%d, R%d", l.address(a[0]), a[1].n)
	default:
		return false
	}
	return true
}

func (l *lower) moveWord(x ins) {
	from, to := x.args[0], x.args[1]
	load, store := "MOVD", "MOVD"
	switch x.op {
	case "MOVL":
		load, store = "MOVWU", "MOVW"
	case "MOVW":
		load, store = "MOVHU", "MOVH"
	case "MOVB":
		load, store = "MOVBU", "MOVB"
	}
	reg := func(a arg) bool { return a.kind == argGP || a.kind == argLocal }
	switch {
	case from.kind == argImm:
		l.emit("MOVD $%d, R%d", from.imm, to.n)
	case reg(from) && reg(to):
		l.emit("%s R%d, R%d", load, from.n, to.n)
	case from.kind == argFrame:
		l.emit("%s %s, R%d", load, from.sym, to.n)
	case to.kind == argFrame:
		l.emit("%s R%d, %s", store, from.n, to.sym)
	case reg(from):
		r, offset := l.base(to)
		l.emit("%s R%d, %d(R%d)", store, from.n, offset, r)
	default:
		r, offset := l.base(from)
		l.emit("%s %d(R%d), R%d", load, offset, r, to.n)
	}
}

// base returns a register and what is left of an operand's offset.
func (l *lower) base(a arg) (r int, offset int64) {
	switch {
	case a.kind == argData:
		l.emit("MOVD $%s, R%d", a.sym, rAddr)
		return rAddr, 0
	case a.kind != argMem:
		panic("no address: " + a.text)
	case a.index < 0:
		return a.n, a.imm
	}
	shift := map[int]string{1: "", 2: "<<1", 4: "<<2", 8: "<<3"}[a.scale]
	l.emit("ADD R%d%s, R%d, R%d", a.index, shift, a.n, rAddr)
	return rAddr, a.imm
}

// address returns a register that holds the whole address.
func (l *lower) address(a arg) int {
	r, offset := l.base(a)
	if offset == 0 {
		return r
	}
	op := "ADD"
	if offset < 0 {
		op, offset = "SUB", -offset
	}
	l.emit("%s $%d, R%d, R%d", op, offset, r, rAddr)
	return rAddr
}

// Encodings of loads and stores of 4, 8 and 16 bytes: with an offset in multiples of the size, and with one in bytes.
var (
	scaled   = map[string]map[int]uint32{"ldr": {4: 0xbd400000, 8: 0xfd400000, 16: 0x3dc00000}, "str": {4: 0xbd000000, 8: 0xfd000000, 16: 0x3d800000}}
	unscaled = map[string]map[int]uint32{"ldr": {4: 0xbc400000, 8: 0xfc400000, 16: 0x3cc00000}, "str": {4: 0xbc000000, 8: 0xfc000000, 16: 0x3c800000}}
	widths   = map[int]string{4: "s", 8: "d", 16: "q"}
)

// move loads or stores the low bytes of a vector; a load clears the others.
func (l *lower) move(op string, size, v int, a arg) {
	if a.kind == argFrame {
		name := map[int]string{4: "FMOVS", 8: "FMOVD"}[size]
		if op == "ldr" {
			l.emit("%s %s, F%d", name, a.sym, v)
		} else {
			l.emit("%s F%d, %s", name, v, a.sym)
		}
		return
	}
	r, offset := l.base(a)
	switch {
	case offset >= 0 && offset%int64(size) == 0 && offset/int64(size) < 4096:
		l.memory(op, size, v, r, offset, scaled[op][size]|uint32(offset/int64(size))<<10)
	case offset >= -256 && offset < 256:
		l.memory(op[:2]+"ur", size, v, r, offset, unscaled[op][size]|uint32(offset&0x1ff)<<12)
	default:
		a.imm = offset
		l.memory(op, size, v, l.address(arg{kind: argMem, n: r, imm: offset, index: -1}), 0, scaled[op][size])
	}
}

func (l *lower) memory(op string, size, v, r int, offset int64, code uint32) {
	at := fmt.Sprintf("[x%d]", r)
	if offset != 0 {
		at = fmt.Sprintf("[x%d, #%d]", r, offset)
	}
	l.word(three(code, v, r, 0), "%s %s%d, %s", op, widths[size], v, at)
}

func (l *lower) broadcast(a arg, v, size int) {
	if a.kind == argFrame {
		l.move("ldr", size, vTemp, a)
		if size == 4 {
			l.word(three(0x4e040400, v, vTemp, 0), "dup v%d.4s, v%d.s[0]", v, vTemp)
		} else {
			l.word(three(0x4e080400, v, vTemp, 0), "dup v%d.2d, v%d.d[0]", v, vTemp)
		}
		return
	}
	r := l.address(a)
	if size == 4 {
		l.word(three(0x4d40c800, v, r, 0), "ld1r {v%d.4s}, [x%d]", v, r)
	} else {
		l.word(three(0x4d40cc00, v, r, 0), "ld1r {v%d.2d}, [x%d]", v, r)
	}
}

// moves are whole vectors, or what a mask leaves of them.
func (l *lower) moves(a []arg, size int, zeroing bool) {
	switch {
	case len(a) == 2 && a[0].kind == argVec && a[1].kind == argVec:
		l.copy(a[1].n, a[0].n)
	case len(a) == 2 && a[1].kind == argVec:
		l.move("ldr", 16, a[1].n, a[0])
	case len(a) == 2:
		l.move("str", 16, a[0].n, a[1])
	case zeroing:
		l.some("ldr", size, a[2].n, a[1].n, l.address(a[0]))
	case a[2].kind == argVec: // where the last comparison holds
		l.op3(insert, a[2].n, a[0].n, vMask)
	default:
		l.some("str", size, a[0].n, a[1].n, l.address(a[2]))
	}
}

// some loads or stores the first lanes of a vector, their count in a register, and touches no other memory; what is not loaded is zero. The address is in r.
func (l *lower) some(op string, size, v, count, r int) {
	mem := func(n int) { l.memory(op, n, v, r, 0, scaled[op][n]) }
	end := l.label()
	less := l.label()
	l.emit("TBZ $%d, R%d, %s", map[int]int{4: 2, 8: 1}[size], count, less)
	mem(16)
	l.emit("B %s", end)
	l.line(less + ":")
	if size == 4 {
		few := l.label()
		l.emit("TBZ $1, R%d, %s", count, few)
		mem(8)
		l.emit("TBZ $0, R%d, %s", count, end)
		l.emit("ADD $8, R%d, R%d", r, rAddr)
		if op == "ldr" {
			l.word(three(0x4d408000, v, rAddr, 0), "ld1 {v%d.s}[2], [x%d]", v, rAddr)
		} else {
			l.word(three(0x4d008000, v, rAddr, 0), "st1 {v%d.s}[2], [x%d]", v, rAddr)
		}
		l.emit("B %s", end)
		l.line(few + ":")
	}
	if op == "ldr" {
		l.clear(v)
	}
	l.emit("TBZ $0, R%d, %s", count, end)
	mem(size)
	l.line(end + ":")
}
