package imaging

import (
	"math"

	"github.com/assay-gan/assay/internal/fault"
)

// Plan is a resampler prepared for one pair of sizes. It is read-only once made and safe for concurrent use.
type Plan struct {
	method
	sh, sw, dh, dw int
	x, y           axis
	kx, ky         [][]int32   // fixed22: weights times 2^22
	fx, fy         [][]float32 // sum32: weights rounded once
}

// Plan prepares resizing from sh x sw to dh x dw. It errors on an unknown resampler and with ErrShape on sizes below 1.
func (r Resampler) Plan(sh, sw, dh, dw int) (*Plan, error) {
	m, err := r.method()
	if err != nil {
		return nil, err
	}
	if sh < 1 || sw < 1 || dh < 1 || dw < 1 {
		return nil, fault.Of(ErrShape, "resize %d x %d to %d x %d", sh, sw, dh, dw)
	}
	p := &Plan{method: m, sh: sh, sw: sw, dh: dh, dw: dw, x: m.axis(sw, dw), y: m.axis(sh, dh)}
	switch m.engine {
	case fixed22:
		p.kx, p.ky = toFixed(p.x), toFixed(p.y)
	case sum32:
		p.fx, p.fy = toFloat32(p.x), toFloat32(p.y)
	case sum64, pick, lerpTF: // work on the axes as they are
	}
	return p, nil
}

// Rounds says whether the resampler works on bytes: then Float refuses and Image and Bytes are the ways in.
func (p *Plan) Rounds() bool { return p.engine == fixed22 }

func toFixed(a axis) [][]int32 {
	k := make([][]int32, a.out)
	for i, w := range a.weight {
		k[i] = make([]int32, len(w))
		for j, v := range w {
			k[i][j] = int32(math.Trunc(float64(v*(1<<22)) + math.Copysign(0.5, v)))
		}
	}
	return k
}

func toFloat32(a axis) [][]float32 {
	k := make([][]float32, a.out)
	for i, w := range a.weight {
		k[i] = make([]float32, len(w))
		for j, v := range w {
			k[i][j] = float32(v)
		}
	}
	return k
}

// Float resizes sh*sw*c values, channels last, and returns dh*dw*c new ones. Any range of values is allowed, and bicubic and Lanczos overshoot
// it: clipping is the protocol's business. It errors with ErrShape where sizes do not fit or the resampler works on bytes.
func (p *Plan) Float(src []float32, c int) ([]float32, error) {
	if c < 1 || len(src) != p.sh*p.sw*c {
		return nil, fault.Of(ErrShape, "resize: %d values for %d x %d x %d", len(src), p.sh, p.sw, c)
	}
	out := make([]float32, p.dh*p.dw*c)
	switch p.engine {
	case lerpTF:
		p.lerp(out, src, c)
	case pick:
		for y := range p.dh {
			for x := range p.dw {
				copy(out[(y*p.dw+x)*c:][:c], src[(p.y.first[y]*p.sw+p.x.first[x])*c:])
			}
		}
	case sum32:
		p.sum32(out, src, c)
	case sum64:
		p.sum64(out, src, c)
	default:
		return nil, fault.Of(ErrShape, "resize: %s works on 8-bit pixels, not on float values", p.name)
	}
	return out, nil
}

// Bytes resizes an image and returns dh*dw*C values on the scale 0..255: whole numbers for a resampler that rounds, fractions (and overshoot
// for bicubic and Lanczos) for the others.
func (p *Plan) Bytes(m *Image) ([]float32, error) {
	if m.H != p.sh || m.W != p.sw {
		return nil, fault.Of(ErrShape, "resize: image of %d x %d in a plan for %d x %d", m.H, m.W, p.sh, p.sw)
	}
	if !p.Rounds() {
		return p.Float(widen(m.Pix), m.C)
	}
	r, err := p.Image(m)
	if err != nil {
		return nil, err
	}
	return widen(r.Pix), nil
}

// Image resizes an image into an image. Resamplers that work on floats are rounded half up and clamped at the end.
func (p *Plan) Image(m *Image) (*Image, error) {
	if m.H != p.sh || m.W != p.sw || len(m.Pix) != m.H*m.W*m.C {
		return nil, fault.Of(ErrShape, "resize: image of %d x %d in a plan for %d x %d", m.H, m.W, p.sh, p.sw)
	}
	out, err := New(p.dh, p.dw, m.C)
	if err != nil {
		return nil, err
	}
	if p.Rounds() {
		p.fixed(out.Pix, m.Pix, m.C)
		return out, nil
	}
	f, err := p.Float(widen(m.Pix), m.C)
	if err != nil {
		return nil, err
	}
	for i, v := range f {
		out.Pix[i] = uint8(min(max(math.Floor(float64(v)+0.5), 0), 255))
	}
	return out, nil
}

func widen(b []uint8) []float32 {
	f := make([]float32, len(b))
	for i, v := range b {
		f[i] = float32(v)
	}
	return f
}
