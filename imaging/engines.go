package imaging

// The products are converted explicitly: it forbids the compiler to fuse them into the sums, so every machine rounds alike.

func (p *Plan) lerp(out, src []float32, c int) {
	row := p.sw * c
	for y := range p.dh {
		y0 := p.y.first[y]
		ty := float32(p.y.weight[y][0])
		top, bottom := src[y0*row:][:row], src[min(y0+1, p.sh-1)*row:][:row]
		for x := range p.dw {
			a, b := p.x.first[x]*c, min(p.x.first[x]+1, p.sw-1)*c
			tx := float32(p.x.weight[x][0])
			for k := range c {
				t := top[a+k] + float32((top[b+k]-top[a+k])*tx)
				u := bottom[a+k] + float32((bottom[b+k]-bottom[a+k])*tx)
				out[(y*p.dw+x)*c+k] = t + float32((u-t)*ty)
			}
		}
	}
}

// sum32 runs along the rows first, then down the columns.
func (p *Plan) sum32(out, src []float32, c int) {
	wide := p.dw * c
	mid := make([]float32, p.sh*wide)
	for y := range p.sh {
		s, d := src[y*p.sw*c:(y+1)*p.sw*c], mid[y*wide:(y+1)*wide]
		for x, w := range p.fx {
			for k := range c {
				at, acc := p.x.first[x]*c+k, float32(0)
				for _, v := range w {
					acc += float32(s[at] * v)
					at += c
				}
				d[x*c+k] = acc
			}
		}
	}
	for y, w := range p.fy {
		d := out[y*wide : (y+1)*wide]
		for j, v := range w {
			for i, s := range mid[(p.y.first[y]+j)*wide:][:wide] {
				d[i] += float32(s * v)
			}
		}
	}
}

// sum64 leaves a pass out where the size does not change, as Pillow does.
func (p *Plan) sum64(out, src []float32, c int) {
	wide := p.dw * c
	mid := src
	if p.sw != p.dw {
		mid = make([]float32, p.sh*wide)
		for y := range p.sh {
			s, d := src[y*p.sw*c:(y+1)*p.sw*c], mid[y*wide:(y+1)*wide]
			for x, w := range p.x.weight {
				for k := range c {
					at, acc := p.x.first[x]*c+k, 0.0
					for _, v := range w {
						acc += float64(float64(s[at]) * v)
						at += c
					}
					d[x*c+k] = float32(acc)
				}
			}
		}
	}
	if p.sh == p.dh {
		copy(out, mid)
		return
	}
	acc := make([]float64, wide)
	for y, w := range p.y.weight {
		clear(acc)
		for j, v := range w {
			for i, s := range mid[(p.y.first[y]+j)*wide:][:wide] {
				acc[i] += float64(float64(s) * v)
			}
		}
		for i, v := range acc {
			out[y*wide+i] = float32(v)
		}
	}
}

func clip22(v int32) uint8 { return uint8(min(max(v>>22, 0), 255)) }

// fixed sums bytes times 22-bit weights from one half on, so that the shift rounds; it leaves a pass out where the size does not change.
func (p *Plan) fixed(out, src []uint8, c int) {
	wide := p.dw * c
	mid := src
	if p.sw != p.dw {
		mid = make([]uint8, p.sh*wide)
		for y := range p.sh {
			s, d := src[y*p.sw*c:(y+1)*p.sw*c], mid[y*wide:(y+1)*wide]
			for x, w := range p.kx {
				for k := range c {
					at, acc := p.x.first[x]*c+k, int32(1<<21)
					for _, v := range w {
						acc += int32(s[at]) * v
						at += c
					}
					d[x*c+k] = clip22(acc)
				}
			}
		}
	}
	if p.sh == p.dh {
		copy(out, mid)
		return
	}
	acc := make([]int32, wide)
	for y, w := range p.ky {
		for i := range acc {
			acc[i] = 1 << 21
		}
		for j, v := range w {
			for i, s := range mid[(p.y.first[y]+j)*wide:][:wide] {
				acc[i] += int32(s) * v
			}
		}
		for i, v := range acc {
			out[y*wide+i] = clip22(v)
		}
	}
}
