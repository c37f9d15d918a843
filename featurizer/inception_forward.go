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

// images are those from lo up to hi, or to the last.
func (t tensor) images(lo, hi int) tensor {
	hi = min(hi, t.n)
	size := t.h * t.w * t.c
	return tensor{hi - lo, t.h, t.w, t.c, t.x[lo*size : hi*size]}
}

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

// workspace is the scratch of one forward pass: two arenas for the stages' results in turn, two for what passes between stages of
// different batches, one for what is inside a stage.
type workspace struct {
	result, between [2]arena
	inner           arena
	parts           []kernel.Part
	first           []tensor // results of the first steps of a stage's branches
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

// pool3 pools 3 x 3 windows into the columns of y from col on.
func pool3(y tensor, col int, x tensor, kind poolKind, ws *workspace, quirk quirks) {
	p := kernel.Pool3{N: x.n, H: x.h, W: x.w, C: x.c, Half: kind == maxHalf, Mean: kind == avgSame, CountPadding: quirk.countPadding}
	p.Forward(y.x[col:], y.c, x.x, ws.inner.take(x.w*x.c))
}
