package featurizer

import (
	"fmt"

	"github.com/assay-gan/assay/internal/kernel"
)

// tensor is images in channels-last order.
type tensor struct {
	n, h, w, c int
	x          []float32
}

func (t tensor) rows() int { return t.n * t.h * t.w }

// arena hands out scratch that is given back all at once.
type arena struct {
	buf  []float32
	used int
}

func (a *arena) take(n int) []float32 {
	if a.used+n > len(a.buf) {
		a.buf, a.used = make([]float32, max(n, 2*len(a.buf))), 0 // what was handed out lives on in its users
	}
	s := a.buf[a.used : a.used+n : a.used+n]
	a.used += n
	return s
}

// workspace is the scratch of one forward pass: two arenas for the stages' results in turn, one for what is inside a stage.
type workspace struct {
	result [2]arena
	inner  arena
}

// stageOut is the size of a stage's result.
func (s stage) out(h, w, c int) (oh, ow, oc int) {
	for _, branch := range s.branches {
		oh, ow = h, w
		wide := c
		for _, st := range branch {
			oh, ow, wide = st.out(oh, ow, wide)
		}
		oc += wide
	}
	return oh, ow, oc
}

func (s step) out(h, w, c int) (oh, ow, oc int) {
	switch {
	case s.pool == maxHalf:
		return (h-3)/2 + 1, (w-3)/2 + 1, c
	case s.pool != noPool:
		return h, w, c
	}
	for _, v := range s.convs {
		oc += v.out
	}
	v := s.convs[0]
	return (h+2*v.ph-v.kh)/v.stride + 1, (w+2*v.pw-v.kw)/v.stride + 1, oc
}

// run computes a stage into y, which has room for its result.
func (s stage) run(y, x tensor, ws *workspace, quirk quirks) error {
	at := 0
	for _, branch := range s.branches {
		ws.inner.used = 0
		cur := x
		for i, st := range branch {
			oh, ow, oc := st.out(cur.h, cur.w, cur.c)
			next, col := y, at
			if i < len(branch)-1 {
				next, col = tensor{cur.n, oh, ow, oc, ws.inner.take(cur.n * oh * ow * oc)}, 0
			}
			if err := st.run(next, col, cur, ws, quirk); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if cur = next; i == len(branch)-1 {
				at += oc
			}
		}
	}
	return nil
}

// run computes a step into the columns of y from col on.
func (s step) run(y tensor, col int, x tensor, ws *workspace, quirk quirks) error {
	if s.pool != noPool {
		pool3(y, col, x, s.pool, ws, quirk)
		return nil
	}
	for _, v := range s.convs {
		if err := v.run(y, col, x, ws); err != nil {
			return err
		}
		col += v.out
	}
	return nil
}

func (v *conv) run(y tensor, col int, x tensor, ws *workspace) error {
	e := kernel.Epilogue{Bias: v.b, Act: kernel.ActLeakyReLU}
	if v.kh == 1 && v.kw == 1 && v.stride == 1 { // a plain product can write into the columns at once
		kernel.Gemm(false, false, x.rows(), v.out, v.in, x.x, x.c, v.w, v.out, y.x[col:], y.c, e)
		return nil
	}
	k, err := kernel.NewConv(x.n, x.h, x.w, x.c, v.out, v.kh, v.kw, v.stride, v.stride, v.ph, v.pw)
	if err != nil {
		return fmt.Errorf("%s: %w", v.name, err)
	}
	k.Fast = true
	if y.c == v.out {
		k.Forward(y.x, x.x, v.w, e)
		return nil
	}
	tmp := ws.inner.take(y.rows() * v.out)
	k.Forward(tmp, x.x, v.w, e)
	place(y, col, tmp, v.out)
	return nil
}

// place copies rows of c values into the columns of y from col on.
func place(y tensor, col int, x []float32, c int) {
	for r := range y.rows() {
		copy(y.x[r*y.c+col:], x[r*c:(r+1)*c])
	}
}

// pool3 pools 3 x 3 windows, rows first: whole rows of the image are combined by vector operations, then neighbours along the row.
func pool3(y tensor, col int, x tensor, kind poolKind, ws *workspace, quirk quirks) {
	combine, stride, pad := kernel.MaxOf, 1, 1
	if kind == avgSame {
		combine = kernel.Add
	}
	if kind == maxHalf {
		stride, pad = 2, 0
	}
	wide := x.w * x.c
	tall, line := ws.inner.take(wide), ws.inner.take(wide)
	for n := range x.n {
		for oy := range y.h {
			lo, hi := max(oy*stride-pad, 0), min(oy*stride-pad+3, x.h)
			copy(tall, x.x[(n*x.h+lo)*wide:][:wide])
			for iy := lo + 1; iy < hi; iy++ {
				combine(tall, tall, x.x[(n*x.h+iy)*wide:][:wide])
			}
			copy(line, tall)
			combine(line[:wide-x.c], line[:wide-x.c], tall[x.c:])
			if pad == 1 {
				combine(line[x.c:], line[x.c:], tall[:wide-x.c])
			} else {
				combine(line[:wide-2*x.c], line[:wide-2*x.c], tall[2*x.c:])
			}
			if kind == avgSame {
				divide(line, x.w, x.c, hi-lo, quirk.countPadding)
			}
			for ox := range y.w {
				copy(y.x[((n*y.h+oy)*y.w+ox)*y.c+col:][:x.c], line[ox*stride*x.c:])
			}
		}
	}
}

// divide turns sums over windows of the given height into means over the cells inside the image.
func divide(line []float32, w, c, height int, countPadding bool) {
	if countPadding {
		kernel.Axpb(line, line, 1.0/9, 0)
		return
	}
	edge, inner := 1/float32(2*height), 1/float32(3*height)
	if w == 1 {
		edge = 1 / float32(height)
	}
	kernel.Axpb(line[:c], line[:c], edge, 0)
	if w > 1 {
		kernel.Axpb(line[(w-1)*c:], line[(w-1)*c:], edge, 0)
	}
	if w > 2 {
		kernel.Axpb(line[c:(w-1)*c], line[c:(w-1)*c], inner, 0)
	}
}
