package kernel

import (
	"fmt"
	"math"
	"sync"
)

// Pool describes pooling windows over an N x H x W x C image. Padding never wins a maximum.
type Pool struct {
	N, H, W, C             int
	KH, KW, SH, SW, PH, PW int
	OH, OW                 int
}

// NewPool returns the description of pooling with a KH x KW window, strides and paddings, or an error if no window fits
// or a window could lie entirely in the padding.
func NewPool(n, h, w, c, kh, kw, sh, sw, ph, pw int) (Pool, error) {
	if n < 0 || c < 0 || h < 1 || w < 1 || kh < 1 || kw < 1 || sh < 1 || sw < 1 || ph < 0 || pw < 0 ||
		h+2*ph < kh || w+2*pw < kw || ph >= kh || pw >= kw {
		return Pool{}, fmt.Errorf("pool: window %dx%d stride %dx%d padding %dx%d does not fit %dx%d images: need 1 <= window <= size+2*padding, padding < window", kh, kw, sh, sw, ph, pw, h, w)
	}
	return Pool{n, h, w, c, kh, kw, sh, sw, ph, pw, (h+2*ph-kh)/sh + 1, (w+2*pw-kw)/sw + 1}, nil
}

func (p Pool) in() int  { return p.N * p.H * p.W * p.C }
func (p Pool) out() int { return p.N * p.OH * p.OW * p.C }

// window returns the rows and columns of the image under output (oy, ox).
func (p Pool) window(oy, ox int) (y0, y1, x0, x1 int) {
	y0, x0 = oy*p.SH-p.PH, ox*p.SW-p.PW
	return max(0, y0), min(p.H, y0+p.KH), max(0, x0), min(p.W, x0+p.KW)
}

// Max sets y to the maximum of each window and argmax to its index in x (the first of equals; the first NaN if any).
// argmax may be nil.
func (p Pool) Max(y []float32, argmax []int32, x []float32) {
	y, x = y[:p.out()], x[:p.in()]
	if argmax == nil {
		p.max(y, x)
		return
	}
	argmax = argmax[:len(y)]
	Par(p.N, func(n int) {
		o := n * p.OH * p.OW * p.C
		for oy := range p.OH {
			for ox := range p.OW {
				p.maxAt(y[o:o+p.C], argmax, o, x, n, oy, ox)
				o += p.C
			}
		}
	})
}

// max is Max without indices, all channels of a pixel at a time; which zero it takes of two with unlike signs is open.
func (p Pool) max(y, x []float32) {
	s, wide := active, p.W*p.C
	Par(p.N*p.OH, func(i int) {
		n, oy := i/p.OH, i%p.OH
		for ox := range p.OW {
			d := y[(i*p.OW+ox)*p.C:][:p.C]
			y0, y1, x0, x1 := p.window(oy, ox)
			best := x[(n*p.H+y0)*wide+x0*p.C:][:p.C]
			for k := 1; k < (y1-y0)*(x1-x0); k++ {
				iy, ix := y0+k/(x1-x0), x0+k%(x1-x0)
				s.max(d, best, x[(n*p.H+iy)*wide+ix*p.C:][:p.C])
				best = d
			}
			if (y1-y0)*(x1-x0) == 1 {
				copy(d, best)
			}
		}
	})
}

func (p Pool) maxAt(y []float32, argmax []int32, o int, x []float32, n, oy, ox int) {
	y0, y1, x0, x1 := p.window(oy, ox)
	for c := range y {
		best, at := float32(math.Inf(-1)), -1
		for iy := y0; iy < y1; iy++ {
			for ix := x0; ix < x1; ix++ {
				i := ((n*p.H+iy)*p.W+ix)*p.C + c
				if v := x[i]; at < 0 || v > best || v != v && best == best {
					best, at = v, i
				}
			}
		}
		y[c], argmax[o+c] = best, int32(at)
	}
}

// MaxGrad sets dx to the gradient of Max: every dy goes to the element that won.
func (p Pool) MaxGrad(dx []float32, argmax []int32, dy []float32) {
	dx, dy, argmax = dx[:p.in()], dy[:p.out()], argmax[:p.out()]
	clear(dx)
	per := p.OH * p.OW * p.C
	Par(p.N, func(n int) {
		for o := n * per; o < (n+1)*per; o++ {
			dx[argmax[o]] += dy[o]
		}
	})
}

// MaxGather sets y[o] = x[argmax[o]]: the gradient of MaxGrad.
func (p Pool) MaxGather(y []float32, argmax []int32, x []float32) {
	y, x, argmax = y[:p.out()], x[:p.in()], argmax[:p.out()]
	for o, i := range argmax {
		y[o] = x[i]
	}
}

// scale returns 1 over the number of elements averaged: all of the window with includePad, else those inside the image.
func (p Pool) scale(oy, ox int, includePad bool) float32 {
	if includePad {
		return 1 / float32(p.KH*p.KW)
	}
	y0, y1, x0, x1 := p.window(oy, ox)
	return 1 / float32((y1-y0)*(x1-x0))
}

// Avg sets y to the mean of each window. includePad counts the padding as zeros (PyTorch's default), otherwise the mean
// is over the elements inside the image (count_include_pad=False, which the TensorFlow Inception network uses).
func (p Pool) Avg(y, x []float32, includePad bool) {
	y, x = y[:p.out()], x[:p.in()]
	s := active
	Par(p.N, func(n int) {
		for oy := range p.OH {
			for ox := range p.OW {
				d := y[((n*p.OH+oy)*p.OW+ox)*p.C:][:p.C]
				clear(d)
				y0, y1, x0, x1 := p.window(oy, ox)
				for iy := y0; iy < y1; iy++ {
					for ix := x0; ix < x1; ix++ {
						s.add(d, d, x[((n*p.H+iy)*p.W+ix)*p.C:][:p.C])
					}
				}
				s.axpb(d, d, p.scale(oy, ox, includePad), 0)
			}
		}
	})
}

// AvgGrad sets dx to the gradient of Avg.
func (p Pool) AvgGrad(dx, dy []float32, includePad bool) {
	dx, dy = dx[:p.in()], dy[:p.out()]
	clear(dx)
	s := active
	Par(p.N, func(n int) {
		for oy := range p.OH {
			for ox := range p.OW {
				g := dy[((n*p.OH+oy)*p.OW+ox)*p.C:][:p.C]
				k := p.scale(oy, ox, includePad)
				y0, y1, x0, x1 := p.window(oy, ox)
				for iy := y0; iy < y1; iy++ {
					for ix := x0; ix < x1; ix++ {
						s.axpy(dx[((n*p.H+iy)*p.W+ix)*p.C:][:p.C], g, k)
					}
				}
			}
		}
	})
}

// upsampling is one call of Upsample or UpsampleGrad; an item is a row of the small image.
type upsampling struct {
	small, large []float32
	w, c, f      int
	grad         bool
}

var upsamplings = sync.Pool{New: func() any { return new(upsampling) }}

func (u *upsampling) run(i int) {
	row := u.w * u.f * u.c
	large, small := u.large[i*u.f*row:(i+1)*u.f*row], u.small[i*u.w*u.c:(i+1)*u.w*u.c]
	if u.grad {
		u.sum(small, large, row)
		return
	}
	for j := range u.w {
		for q := range u.f {
			copy(large[(j*u.f+q)*u.c:], small[j*u.c:(j+1)*u.c])
		}
	}
	for r := 1; r < u.f; r++ {
		copy(large[r*row:], large[:row])
	}
}

func (u *upsampling) sum(small, large []float32, row int) {
	for j := range u.w {
		d := small[j*u.c:][:u.c]
		clear(d)
		for r := range u.f {
			for q := range u.f {
				active.add(d, d, large[r*row+(j*u.f+q)*u.c:][:u.c])
			}
		}
	}
}

// upsample recycles the job, so that a call allocates nothing.
func upsample(rows int, v upsampling) {
	u := upsamplings.Get().(*upsampling)
	*u = v
	parallel(rows, u)
	*u = upsampling{}
	upsamplings.Put(u)
}

// Upsample repeats every pixel of an n x h x w x c image f times in both directions (nearest neighbour):
// y is n x h*f x w*f x c.
func Upsample(y, x []float32, n, h, w, c, f int) {
	upsample(n*h, upsampling{small: x[:n*h*w*c], large: y[:n*h*w*c*f*f], w: w, c: c, f: f})
}

// UpsampleGrad sets dx to the gradient of Upsample: the sum of each f x f block of dy.
func UpsampleGrad(dx, dy []float32, n, h, w, c, f int) {
	upsample(n*h, upsampling{small: dx[:n*h*w*c], large: dy[:n*h*w*c*f*f], w: w, c: c, f: f, grad: true})
}

// GatherRows sets row i of dst to row index[i] of table; rows have c elements. An index outside the table panics.
func GatherRows(dst, table []float32, index []int32, c int) {
	dst = dst[:len(index)*c]
	for i, t := range index {
		copy(dst[i*c:i*c+c], table[int(t)*c:int(t)*c+c])
	}
}

// ScatterAddRows adds row i of src to row index[i] of table, in the order of i: the gradient of GatherRows.
func ScatterAddRows(table, src []float32, index []int32, c int) {
	src = src[:len(index)*c]
	for i, t := range index {
		d := table[int(t)*c : int(t)*c+c]
		active.add(d, d, src[i*c:i*c+c])
	}
}
