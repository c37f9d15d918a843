package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// columns emits what the input gradient of images with one channel is made of: a few columns of a product that are left lying as rows, so
// that the pixels of each filter tap are side by side and can be added as vectors, and the weaving of two phases of an image line.
func columns(m *machine) {
	heights := []int{6, 8}
	if m.neon {
		heights = []int{2, 4}
	} else if m.wide {
		heights = []int{8, 14}
	}
	for _, mr := range heights {
		cols(m, mr)
	}
	weave(m)
}

// cols emits a tile of mr rows and one vector of columns that ends with its transposition: rows that are not there are zeros.
func cols(m *machine, mr int) {
	n := m.lanes(4)
	m.text(fmt.Sprint("cols", mr, "_"), "func(k int, a *float32, ars int, b *float32, out *float32, ldo, n int)",
		fmt.Sprintf("multiplies %d strided rows with n <= %d columns of a panel; column c of the result, and zeros, becomes the %d floats from out + c*ldo on.", mr, n, n))
	k, b, out, ldo, left := param("k", reg.RCX), param("b", reg.RBX), param("out", reg.RDI), param("ldo", reg.RSI), param("n", reg.RDX)
	a := []reg.GPPhysical{reg.RAX, reg.R12, reg.R13}[:(mr+4)/5]
	ars, ars3 := param("ars", reg.R8), reg.R9
	param("a", a[0])
	SHLQ(U8(2), ars)
	SHLQ(U8(2), ldo)
	LEAQ(Mem{Base: ars, Index: ars, Scale: 2}, ars3)
	for i := 1; i < len(a); i++ {
		LEAQ(Mem{Base: a[i-1], Index: ars, Scale: 4}, a[i])
		ADDQ(ars, a[i])
	}
	for i := range n {
		m.zero(m.vec[i])
	}
	bv := m.vec[n]
	Label("loop")
	VMOVUPS(Mem{Base: b}, bv)
	ADDQ(U32(uint32(2*m.bytes)), b)
	for i := range mr {
		at := stridedRow(a, ars, ars3, i)
		if m.wide {
			VFMADD231PS_BCST(at, bv, m.vec[i])
		} else {
			x := m.vec[n+1+i%2]
			VBROADCASTSS(at, x)
			VFMADD231PS(x, bv, m.vec[i])
		}
	}
	for _, r := range a {
		ADDQ(Imm(4), r)
	}
	DECQ(k)
	JNZ(LabelRef("loop"))
	for _, v := range m.transpose() {
		VMOVUPS(v, Mem{Base: out})
		ADDQ(ldo, out)
		DECQ(left)
		JZ(LabelRef("end"))
	}
	Label("end")
	m.end()
}

// stridedRow is row i of rows that are reached from every fifth with multiples 1, 2, 3, 4 of the stride.
func stridedRow(a []reg.GPPhysical, ars, ars3 reg.GPPhysical, i int) Mem {
	at := Mem{Base: a[i/5]}
	switch i % 5 {
	case 1, 2, 4:
		at.Index, at.Scale = ars, uint8(i%5)
	case 3:
		at.Index, at.Scale = ars3, 1
	}
	return at
}

// transpose transposes the square in the lower half of the registers and returns where its columns are. It uses all registers.
func (m *machine) transpose() []reg.VecPhysical {
	n := m.lanes(4)
	x, y := m.vec[:n], m.vec[n:2*n]
	for i := 0; i < n; i += 2 {
		VUNPCKLPS(x[i+1], x[i], y[i])
		VUNPCKHPS(x[i+1], x[i], y[i+1])
	}
	for g := 0; g < n; g += 4 { // then 128 bits L of x[g+c] are rows g .. g+3 of column 4L+c
		for c := range 2 {
			VUNPCKLPD(y[g+2+c], y[g+c], x[g+2*c])
			VUNPCKHPD(y[g+2+c], y[g+c], x[g+2*c+1])
		}
	}
	if m.neon {
		return x
	}
	if !m.wide {
		for c := range 4 {
			VPERM2F128(U8(0x20), x[4+c], x[c], y[c])
			VPERM2F128(U8(0x31), x[4+c], x[c], y[4+c])
		}
		return y
	}
	for c := range 4 {
		for h := range 2 {
			VSHUFF32X4(U8(0x88), x[8*h+4+c], x[8*h+c], y[4*c+h])
			VSHUFF32X4(U8(0xdd), x[8*h+4+c], x[8*h+c], y[4*c+2+h])
		}
	}
	for c := range 4 {
		for h := range 2 { // even lanes, odd lanes
			VSHUFF32X4(U8(0x88), y[4*c+2*h+1], y[4*c+2*h], x[4*h+c])
			VSHUFF32X4(U8(0xdd), y[4*c+2*h+1], y[4*c+2*h], x[8+4*h+c])
		}
	}
	return x
}

// weave emits the interleaving of two lines, in pieces of 16 floats.
func weave(m *machine) {
	m.text("weave", "func(n int, dst, a, b *float32)", "sets dst[2*i] = a[i] and dst[2*i+1] = b[i] for i < n rounded up to a multiple of 8.")
	n, dst, a, b := param("n", reg.RCX), param("dst", reg.RDI), param("a", reg.RAX), param("b", reg.RBX)
	Label("loop")
	if m.neon {
		for i := range 2 {
			x := m.vec[4*i : 4*i+4]
			VMOVUPS(Mem{Base: a, Disp: 16 * i}, x[0])
			VMOVUPS(Mem{Base: b, Disp: 16 * i}, x[1])
			VUNPCKLPS(x[1], x[0], x[2])
			VUNPCKHPS(x[1], x[0], x[3])
			VMOVUPS(x[2], Mem{Base: dst, Disp: 32 * i})
			VMOVUPS(x[3], Mem{Base: dst, Disp: 32*i + 16})
		}
	} else {
		weave16()
	}
	ADDQ(U32(32), a)
	ADDQ(U32(32), b)
	ADDQ(U32(64), dst)
	SUBQ(U32(8), n)
	JG(LabelRef("loop"))
	m.end()
}

// weave16 weaves eight floats of each line.
func weave16() {
	dst, a, b := reg.RDI, reg.RAX, reg.RBX
	VMOVUPS(Mem{Base: a}, reg.Y0)
	VMOVUPS(Mem{Base: b}, reg.Y1)
	VUNPCKLPS(reg.Y1, reg.Y0, reg.Y2)
	VUNPCKHPS(reg.Y1, reg.Y0, reg.Y3)
	VPERM2F128(U8(0x20), reg.Y3, reg.Y2, reg.Y0)
	VPERM2F128(U8(0x31), reg.Y3, reg.Y2, reg.Y1)
	VMOVUPS(reg.Y0, Mem{Base: dst})
	VMOVUPS(reg.Y1, Mem{Base: dst, Disp: 32})
}
