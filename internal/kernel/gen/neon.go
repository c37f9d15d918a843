package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The arm64 set comes from the same descriptions. They are given in x86's instructions with vectors of 128 bits, written by avo, and translated here one by one; what an instruction does with NaN, zeros
// and ties is kept. Where NEON has something better (an element of a vector as a factor), runs of instructions are seen and done that way.
//
// General registers keep their numbers (AX is R0, CX R1 and so on), X0 to X28 are V0 to V28. V29 to V31, R16, R17 and R23 are the translation's own. A mask register holds a count of lanes (R19 to R22)
// where it guards memory; comparisons leave their mask in V31, whatever mask register they name. Words on the stack are R25 and R26. Instructions that ask for memory ahead are left out: which lines are
// worth it was measured on x86.
const (
	vElem0, vTemp, vMask = 29, 30, 31
	rAddr, rTemp         = 16, 17
)

// arg is an operand.
type arg struct {
	kind  argKind
	n     int    // number of a register
	imm   int64  // an immediate, or an offset
	sym   string // symbol of memory, with its offset and pseudo-register
	index int    // -1 for none
	scale int
	text  string
}

type argKind uint8

const (
	argImm argKind = iota
	argGP
	argVec
	argMask
	argMem   // by address
	argFrame // a parameter, sym(FP)
	argData  // sym(SB)
	argLocal // imm(SP)
	argLabel
)

// ins is one instruction.
type ins struct {
	op   string
	args []arg
}

var gpNames = map[string]int{"AX": 0, "CX": 1, "DX": 2, "BX": 3, "SI": 4, "DI": 5, "R8": 8, "R9": 9, "R10": 10, "R11": 11, "R12": 12, "R13": 13, "R15": 15, "AL": 0, "CL": 1}

var memory = regexp.MustCompile(`^(-?\d*)\((\w+)\)(?:\((\w+)\*(\d)\))?$`)

func parseArg(s string) arg {
	a := arg{text: s, index: -1}
	if n, ok := gpNames[s]; ok {
		a.kind, a.n = argGP, n
		return a
	}
	m := memory.FindStringSubmatch(s)
	switch {
	case strings.HasPrefix(s, "$"):
		v, err := strconv.ParseInt(s[1:], 0, 64)
		check(err)
		a.kind, a.imm = argImm, v
	case strings.HasPrefix(s, "X"):
		a.kind, a.n = argVec, number(s[1:])
	case strings.HasPrefix(s, "K"):
		a.kind, a.n = argMask, 18+number(s[1:])
	case strings.HasSuffix(s, "(FP)"):
		a.kind, a.sym = argFrame, s
	case strings.HasSuffix(s, "(SB)"):
		a.kind, a.sym = argData, s
	case m != nil && m[2] == "SP":
		a.kind = argLocal
		a.n = 25
		if m[1] != "" {
			a.n = 26
		}
	case m != nil:
		a.kind, a.n = argMem, gpNames[m[2]]
		if m[1] != "" {
			a.imm = int64(number(m[1]))
		}
		if m[3] != "" {
			a.index, a.scale = gpNames[m[3]], number(m[4])
		}
	default:
		a.kind = argLabel
	}
	return a
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	check(err)
	return n
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// lower is the translation at work.
type lower struct {
	out    strings.Builder
	labels int
	masks  bool // the table of VMOVMSKPS is used
}

// translate rewrites the x86 assembly in a file as arm64's.
func translate(file string) {
	text, err := os.ReadFile(file)
	check(err)
	l := new(lower)
	var body []ins
	flush := func() {
		l.function(body)
		body = nil
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		code, _, _ := strings.Cut(line, " // ")
		switch {
		case strings.HasPrefix(line, "// Requires"):
		case strings.HasPrefix(line, "\t") && strings.TrimSpace(line)[0] != '/':
			f := strings.Fields(code)
			i := ins{op: f[0]}
			if i.op == "VMOVDDUP" {
				i.op = "VBROADCASTSD"
			}
			if len(f) > 1 {
				for _, s := range strings.Split(strings.Join(f[1:], " "), ", ") {
					i.args = append(i.args, parseArg(s))
				}
			}
			body = append(body, i)
		case strings.HasSuffix(line, ":"):
			body = append(body, ins{op: line})
		default:
			flush()
			if strings.HasPrefix(line, "TEXT") {
				line = frame.ReplaceAllString(line, "$$0-")
			}
			l.line(line)
		}
	}
	flush()
	if l.masks {
		l.line("DATA laneBits<>+0(SB)/8, $0x0000000200000001\nDATA laneBits<>+8(SB)/8, $0x0000000800000004\nGLOBL laneBits<>(SB), RODATA|NOPTR, $16")
	}
	check(os.WriteFile(file, []byte(l.out.String()), 0o644))
}

var frame = regexp.MustCompile(`\$\d+-`)

func (l *lower) line(s string)           { l.out.WriteString(s + "\n") }
func (l *lower) emit(f string, a ...any) { l.line("\t" + fmt.Sprintf(f, a...)) }

// word emits an instruction that Go's assembler does not know, with its usual name.
func (l *lower) word(w uint32, f string, a ...any) {
	l.emit("WORD $0x%08x // %s", w, fmt.Sprintf(f, a...))
}

func (l *lower) label() string {
	l.labels++
	return fmt.Sprint("t", l.labels)
}

// element is a factor that is one lane of a loaded vector.
type element struct{ v, lane, size int }

func (l *lower) function(body []ins) {
	elems, first := elements(body)
	for i, x := range body {
		if strings.HasSuffix(x.op, ":") {
			l.line(x.op)
			continue
		}
		if g, ok := first[i]; ok { // the vector that a group of factors is in
			l.move("ldr", 16, g.v, arg{kind: argMem, n: x.args[0].n, imm: x.args[0].imm, index: -1})
			continue
		}
		e, ok := elems[i]
		switch {
		case ok && strings.HasPrefix(x.op, "VBROADCAST"):
		case ok:
			l.byElement(e, x)
		default:
			l.one(x)
		}
	}
}

// elements finds the broadcasts of neighbouring numbers that are used as factors only: it returns which element stands for each broadcast and each use, and the first broadcast of each group.
func elements(body []ins) (elems, first map[int]element) {
	elems, first = map[int]element{}, map[int]element{}
	for i := 0; i < len(body); i++ {
		size := 4
		if body[i].op == "VBROADCASTSD" {
			size = 8
		}
		var at [][]int // per element the broadcast and its uses
		for j := i; j < len(body) && len(at) < 16/size; {
			uses := factor(body, j)
			if uses == nil || body[j].args[0].n != body[i].args[0].n || body[j].args[0].imm != body[i].args[0].imm+int64(size*len(at)) || body[j].op != body[i].op {
				break
			}
			at = append(at, uses)
			j = uses[len(uses)-1] + 1
		}
		if len(at) < 16/size {
			continue
		}
		e := element{vElem0 + len(first)%2, 0, size}
		first[i] = e
		for lane, uses := range at {
			e.lane = lane
			for _, u := range uses {
				elems[u] = e
			}
		}
		i = at[len(at)-1][len(at[len(at)-1])-1]
	}
	return elems, first
}

// factor returns a broadcast from memory and the multiply-adds right behind it, if they are all that its register is for.
func factor(body []ins, i int) []int {
	b := body[i]
	if b.op != "VBROADCASTSS" && b.op != "VBROADCASTSD" || b.args[0].kind != argMem || b.args[0].index >= 0 {
		return nil
	}
	v, uses := b.args[1].n, []int{i}
	is := func(a arg) bool { return a.kind == argVec && a.n == v }
	j := i + 1
	for ; j < len(body) && strings.HasPrefix(body[j].op, "VFMADD231P") && is(body[j].args[1]) && body[j].args[0].kind == argVec && !is(body[j].args[0]); j++ {
		uses = append(uses, j)
	}
	for ; j < len(body); j++ { // until it is written again
		a := body[j].args
		if len(a) > 0 && is(a[len(a)-1]) && !slices.ContainsFunc(a[:len(a)-1], is) && !strings.HasPrefix(body[j].op, "VFMADD") {
			return uses
		}
		if slices.ContainsFunc(a, is) {
			return nil
		}
		if strings.HasPrefix(body[j].op, "J") || body[j].op == "RET" {
			return uses // all loops write it first
		}
	}
	return uses
}

// byElement is acc += b * the element.
func (l *lower) byElement(e element, x ins) {
	b, acc := x.args[0].n, x.args[2].n
	if e.size == 4 {
		l.word(0x4f801000|uint32(e.lane&1)<<21|uint32(e.lane>>1)<<11|three(0, acc, b, e.v), "fmla v%d.4s, v%d.4s, v%d.s[%d]", acc, b, e.v, e.lane)
		return
	}
	l.word(0x4fc01000|uint32(e.lane)<<11|three(0, acc, b, e.v), "fmla v%d.2d, v%d.2d, v%d.d[%d]", acc, b, e.v, e.lane)
}

// three is an encoding with its three registers.
func three(op uint32, d, n, m int) uint32 { return op | uint32(m)<<16 | uint32(n)<<5 | uint32(d) }
