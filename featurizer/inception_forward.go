package featurizer

import (
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

// workspace is the scratch of one forward pass: two arenas for the stages' results in turn, one for what is inside a stage, one for what the stem gives.
type workspace struct {
	result      [2]arena
	inner, stem arena
	parts       []kernel.Part
	first       []tensor // results of the first steps of a stage's branches
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

// run computes a stage into y, which has room for its result. The convolutions that branches begin with read the same images: they go together.
func (s stage) run(y, x tensor, ws *workspace, quirk quirks) {
	ws.inner.used = 0
	ws.parts, ws.first = ws.parts[:0], ws.first[:0]
	at := 0
	for _, branch := range s.branches {
		next, col := ws.into(y, at, x, branch)
		ws.first = append(ws.first, next)
		if st := branch[0]; st.pool == noPool {
			ws.parts = st.products(ws.parts, next, col)
		}
		_, _, oc := stage{branches: [][]step{branch}}.out(x.h, x.w, x.c)
		at += oc
	}
	kernel.ForwardParts(x.n, x.x, ws.parts)
	at = 0
	for i, branch := range s.branches {
		cur, used := x, ws.inner.used
		for k, st := range branch {
			next, col := ws.first[i], at
			if k > 0 {
				next, col = ws.into(y, at, cur, branch[k:])
			} else if len(branch) > 1 {
				col = 0
			}
			if k > 0 || st.pool != noPool {
				st.run(next, col, cur, ws, quirk)
			}
			cur = next
		}
		_, _, oc := stage{branches: [][]step{branch}}.out(x.h, x.w, x.c)
		at += oc
		ws.inner.used = used
	}
}

// into is where the first of some steps writes: into the columns of y from at on if it is the last one, else into new memory.
func (ws *workspace) into(y tensor, at int, x tensor, steps []step) (next tensor, col int) {
	if len(steps) == 1 {
		return y, at
	}
	h, w, c := steps[0].out(x.h, x.w, x.c)
	return tensor{x.n, h, w, c, ws.inner.take(x.n * h * w * c)}, 0
}

// products lists a step's convolutions into the columns of y from col on.
func (s step) products(parts []kernel.Part, y tensor, col int) []kernel.Part {
	for _, v := range s.convs {
		parts = append(parts, kernel.Part{F: v.f, Y: y.x[col:], LD: y.c, E: kernel.Epilogue{Bias: v.b, Act: kernel.ActLeakyReLU}})
		col += v.out
	}
	return parts
}

// run computes a step into the columns of y from col on.
func (s step) run(y tensor, col int, x tensor, ws *workspace, quirk quirks) {
	if s.pool != noPool {
		pool3(y, col, x, s.pool, ws, quirk)
		return
	}
	ws.parts = s.products(ws.parts[:0], y, col)
	kernel.ForwardParts(x.n, x.x, ws.parts)
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
