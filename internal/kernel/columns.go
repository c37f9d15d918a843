package kernel

// CopyColumns copies rows of n numbers from src, whose rows are lds apart, to dst, whose rows are ldd apart: pieces of rows, to and fro. The two do not overlap.
func CopyColumns(rows, n int, dst []float32, ldd int, src []float32, lds int) {
	if rows <= 0 || n <= 0 {
		return
	}
	dst, src = stored(dst, false, rows, n, ldd), stored(src, false, rows, n, lds)
	if n > copyColumns {
		for r := range rows {
			copy(dst[r*ldd:r*ldd+n], src[r*lds:])
		}
		return
	}
	piece := 2 * active.lanes // columns that a packer takes at a time
	for c := 0; c < n; c += piece {
		w := min(piece, n-c)
		active.cpack(&dst[c], &src[c], rows, lds, ldd, w, w)
	}
}

// copyColumns is the number of columns from which on a row by itself is no slower.
const copyColumns = 256
