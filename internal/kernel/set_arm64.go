package kernel

import "unsafe"

// Every arm64 processor has NEON. The set is the portable one with a micro-kernel of 8 x 12; to test it on another machine:
//
//	GOARCH=arm64 go test -exec qemu-aarch64 ./internal/kernel
func machineSets() []*set {
	neonSet := generic
	neonSet.name, neonSet.lanes = "neon", 4
	neonSet.mr, neonSet.nr = 8, 12
	neonSet.gemm = gemmNEON
	neonSet.tpackA = func(dst *float32, rows *[16]*float32, k int) { tpackGo(dst, rows, k, 8) }
	neonSet.tpackB = func(dst *float32, rows *[16]*float32, k int) { tpackGo(dst, rows, k, 12) }
	neonSet.patch, neonSet.taps, neonSet.cols = nil, nil, nil
	neonSet.strided = nil // a tile in Go would cost more than fewer products save
	return []*set{&neonSet, &generic}
}

// tileNEON adds a packed 8-row panel times a packed 12-column panel to c, which is contiguous.
//
//go:noescape
func tileNEON(k int, a, b, c *float32)

func gemmNEON(k int, a, b *float32, rows *[16]*float32, coff, w int, bias *float32, flags int, alpha float32) {
	var c [8][12]float32
	if bias != nil {
		copy(c[0][:w], floats(at(bias, coff), w))
		for i := 1; i < len(c); i++ {
			c[i] = c[0]
		}
	}
	tileNEON(k, a, b, &c[0][0])
	for i := range c {
		finishRow(floats(at(rows[i], coff), w), c[i][:w], flags, alpha)
	}
}

func tpackGo(dst *float32, rows *[16]*float32, k, width int) {
	if k == 0 {
		return
	}
	d := unsafe.Slice(dst, width*k)
	for q := range width {
		for p, v := range unsafe.Slice(rows[q], k) {
			d[p*width+q] = v
		}
	}
}
