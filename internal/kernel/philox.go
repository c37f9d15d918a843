package kernel

// Philox sets dst to the blocks of 8 neighbouring 128-bit counters, hi:lo to hi:lo+7, by Philox4x32 with 10 rounds [salmon2011]; lo wraps without a carry. The
// numbers are the same in every set.
func Philox(dst *[32]uint32, key [2]uint32, hi, lo uint64) {
	active.philox(dst, key[0], key[1], hi, lo)
}

// genPhilox takes two counters at a time: two chains of multiplications run in the time of one.
func genPhilox(dst *[32]uint32, key0, key1 uint32, hi, lo uint64) {
	const m0, m1, w0, w1 = 0xD2511F53, 0xCD9E8D57, 0x9E3779B9, 0xBB67AE85
	for at := 0; at < len(dst); at += 8 {
		a, b, c, d := uint32(lo), uint32(lo>>32), uint32(hi), uint32(hi>>32)
		lo++
		e, f, g, h := uint32(lo), uint32(lo>>32), c, d
		lo++
		k, l := key0, key1
		for range 10 {
			p, q := m0*uint64(a), m1*uint64(c)
			r, s := m0*uint64(e), m1*uint64(g)
			a, b, c, d = uint32(q>>32)^b^k, uint32(q), uint32(p>>32)^d^l, uint32(p)
			e, f, g, h = uint32(s>>32)^f^k, uint32(s), uint32(r>>32)^h^l, uint32(r)
			k += w0
			l += w1
		}
		copy(dst[at:at+8], []uint32{a, b, c, d, e, f, g, h})
	}
}
