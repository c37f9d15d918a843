package kernel

// patchChannels is the number of image channels up to which the filters' products are so shallow that packing patches costs as much as
// multiplying them: their elements are broadcast from the padded image instead.
const patchChannels = 3

// patchOff is for measurements: packing as ever.
var patchOff bool

// patched reports whether the forward product reads its patches where they are.
func (g *Conv) patched(s *set) bool {
	return len(s.patch) > 0 && g.C <= patchChannels && g.K > s.nr/2 && g.OW > s.patch[0].rows/2 && !patchOff
}

// height returns the index of the tile for the next rows of n: the highest that they fill, or the lowest that holds them.
func (s *set) height(n int) int {
	last := len(s.patch) - 1
	for i, p := range s.patch {
		if n <= p.rows {
			return i
		}
		if i < last && n < s.patch[i+1].rows && n-p.rows <= s.patch[0].rows { // 10 = 8 + 2 is less than a tile of 14
			return i
		}
	}
	return last
}

// patchItem computes Forward from the padded image, line by line.
func (j *convJob) patchItem(w *scratch, t int) {
	s := j.s
	b0, b1 := t*j.group, min(j.N, (t+1)*j.group)
	xp := grow(&w.x, j.hp*j.wp*j.C+s.mr*j.SW*j.C) // a tile may reach past the last patch
	bin := grow(&w.b, j.K)                        // rows past the last
	for b := b0; b < b1; b++ {
		padImages(xp, j.x, b, b+1, j.H, j.W, j.C, j.PH, j.PW, j.hp, j.wp)
		for oy := range j.OH {
			for ox := 0; ox < j.OW; {
				p := &s.patch[s.height(j.OW-ox)]
				cnt := min(p.rows, j.OW-ox)
				j.patchTiles(w, p, &xp[(oy*j.SH*j.wp+ox*j.SW)*j.C], j.y[((b*j.OH+oy)*j.OW+ox)*j.ldy:], bin, cnt)
				ox += cnt
			}
		}
	}
}

// patchTiles computes all channels of cnt pixels that follow each other in a line.
func (j *convJob) patchTiles(w *scratch, p *patchTile, a *float32, y, bin []float32, cnt int) {
	s, kk := j.s, j.KH*j.KW*j.C
	flags := j.e.Act.flag(j.e.Alpha)
	if j.e.Add {
		flags |= tileAdd
	}
	rows := &w.rows
	for r := range cnt {
		rows[r] = &y[r*j.ldy]
	}
	for r := cnt; r < p.rows; r++ {
		rows[r] = &bin[0]
	}
	var bias *float32
	if j.e.Bias != nil {
		bias = &j.e.Bias[0]
	}
	for c := 0; c < j.K; c += s.nr {
		p.f(j.KH, j.KW*j.C, j.wp*j.C, a, j.SW*j.C, &j.pb[c*kk], rows, c, min(s.nr, j.K-c), bias, flags, j.e.Alpha)
	}
	if vec := j.e.Act.vector(s); vec != nil {
		for r := range cnt {
			vec(y[r*j.ldy:][:j.K], y[r*j.ldy:][:j.K])
		}
	}
}

// weightPatched reports whether the weight gradient reads both operands where they are.
func (g *Conv) weightPatched(s *set) bool {
	return g.C <= patchChannels && g.K%s.nr == 0 && len(s.taps) > 0 && !patchOff
}

// tapFloats is how much of dy all taps go over before the next piece: it stays in the first-level cache.
const tapFloats = 7168

// weightPatches cuts the batch into parts and adds their gradients.
func (j *convJob) weightPatches() {
	n := j.KH * j.KW * j.C * j.K
	j.blk = (j.N + batchParts - 1) / batchParts
	parts := (j.N + j.blk - 1) / j.blk
	j.tmp = grow(&j.tmp, parts*n)
	parallel(parts, j.on(convWeightPatches))
	copy(j.w, j.tmp[:n])
	for i := 1; i < parts; i++ {
		j.s.add(j.w, j.w, j.tmp[i*n:(i+1)*n])
	}
}

func (j *convJob) weightPatchItem(w *scratch, part int) {
	out := j.tmp[part*j.KH*j.KW*j.C*j.K:]
	lines := max(1, min(j.OH, tapFloats/(j.OW*j.K)))
	xp := grow(&w.x, j.hp*j.wp*j.C)
	flags := 0
	for b := part * j.blk; b < min(j.N, (part+1)*j.blk); b++ {
		padImages(xp, j.x, b, b+1, j.H, j.W, j.C, j.PH, j.PW, j.hp, j.wp)
		for oy := 0; oy < j.OH; oy += lines {
			j.tapTiles(w, out, xp[oy*j.SH*j.wp*j.C:], j.y[(b*j.OH+oy)*j.OW*j.K:], min(lines, j.OH-oy), flags)
			flags = tileAdd
		}
	}
}

// tapTiles adds the gradient of some lines of pixels to out, tile by tile.
func (j *convJob) tapTiles(w *scratch, out, xp, dy []float32, lines, flags int) {
	s, run, kk := j.s, j.KW*j.C, j.KH*j.KW*j.C
	for t := 0; t < kk; {
		i := 0
		for i < len(s.taps)-1 && kk-t > s.taps[i].rows {
			i++
		}
		p := &s.taps[i]
		cnt := min(p.rows, kk-t)
		for r := range p.rows {
			q := t + min(r, cnt-1) // rows past the last repeat it into the bin
			w.rows[r] = &xp[q/run*j.wp*j.C+q%run]
		}
		for c := 0; c < j.K; c += s.nr {
			for r := range p.rows {
				if r < cnt {
					w.part[r] = &out[(t+r)*j.K+c]
				} else {
					w.part[r] = &w.trash[0]
				}
			}
			p.f(lines, j.OW, (j.SH*j.wp-j.OW*j.SW)*j.C, j.SW*j.C, &w.rows, &dy[c], j.K, &w.part, 0, flags)
		}
		t += cnt
	}
}
