package kernel

// Pool3 describes pooling of 3 x 3 windows over N x H x W x C images, on one thread, into results that may lie apart: the pools of Inception.
type Pool3 struct {
	N, H, W, C   int
	Half         bool // stride two without padding; else stride one and padding of one
	Mean         bool // over the cells inside the image; else the maximum, which padding never wins
	CountPadding bool // means divide by 9 everywhere
}

// Out returns the size of an image's result.
func (p Pool3) Out() (h, w int) {
	if p.Half {
		return (p.H-3)/2 + 1, (p.W-3)/2 + 1
	}
	return p.H, p.W
}

// Forward pools, rows first: whole rows of the image are combined, then neighbours along the row. Pixels of y are ldy apart; tall is scratch of W*C floats.
func (p Pool3) Forward(y []float32, ldy int, x, tall []float32) {
	s, stride, pad := active, 1, 1
	if p.Half {
		stride, pad = 2, 0
	}
	combine := s.max
	if p.Mean {
		combine = s.add
	}
	wide := p.W * p.C
	tall = tall[:wide]
	oh, ow := p.Out()
	row := func(n, iy int) []float32 { return x[(n*p.H+iy)*wide:][:wide] }
	for n := range p.N {
		for oy := range oh {
			lo, hi := max(oy*stride-pad, 0), min(oy*stride-pad+3, p.H)
			if hi == lo+1 {
				copy(tall, row(n, lo))
			} else {
				combine(tall, row(n, lo), row(n, lo+1))
			}
			if hi == lo+3 {
				combine(tall, tall, row(n, lo+2))
			}
			for ox := range ow {
				p.pixel(s, combine, y[((n*oh+oy)*ow+ox)*ldy:][:p.C], tall, ox*stride, hi-lo)
			}
		}
	}
}

// pixel combines column x of the row's sums with its neighbours, the right one first.
func (p *Pool3) pixel(s *set, combine func(y, a, b []float32), y, tall []float32, x, height int) {
	c := p.C
	at := func(x int) []float32 { return tall[x*c : (x+1)*c] }
	cells := height
	if x+1 < p.W {
		combine(y, at(x), at(x+1))
		cells += height
	} else {
		copy(y, at(x))
	}
	switch {
	case p.Half:
		combine(y, y, at(x+2))
	case x > 0:
		combine(y, y, at(x-1))
		cells += height
	}
	if p.Mean {
		if p.CountPadding {
			cells = 9
		}
		s.axpb(y, y, 1/float32(cells), 0)
	}
}
