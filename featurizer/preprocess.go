package featurizer

import (
	"sync"

	"github.com/assay-gan/assay/imaging"
)

// preprocess is how a tool brings an 8-bit image to the network's size and range.
type preprocess struct {
	resampler imaging.Resampler
	unit      bool // resample x/255 and take 2x - 1; else resample x, clip to 0..255 where the resampler overshoots, and take (x - 128)/128
	side      int
}

// planner keeps one resampling plan per image size; safe for concurrent use.
type planner struct {
	preprocess
	mu    sync.Mutex
	plans map[[2]int]*imaging.Plan
}

// maxPlans bounds the memory of a folder in which every image has its own size.
const maxPlans = 64

func (p *planner) plan(h, w int) (*imaging.Plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if plan := p.plans[[2]int{h, w}]; plan != nil {
		return plan, nil
	}
	plan, err := p.resampler.Plan(h, w, p.side, p.side)
	if err != nil {
		return nil, err
	}
	if p.plans == nil || len(p.plans) >= maxPlans {
		p.plans = map[[2]int]*imaging.Plan{}
	}
	p.plans[[2]int{h, w}] = plan
	return plan, nil
}

// apply writes side x side x 3 values of about [-1, 1] to dst.
func (p *planner) apply(dst []float32, m *imaging.Image) error {
	m = m.RGB()
	plan, err := p.plan(m.H, m.W)
	if err != nil {
		return err
	}
	if p.unit {
		x := make([]float32, len(m.Pix))
		for i, v := range m.Pix {
			x[i] = float32(v) / 255
		}
		if x, err = plan.Float(x, 3); err != nil {
			return err
		}
		for i, v := range x {
			dst[i] = float32(2*v) - 1
		}
		return nil
	}
	x, err := plan.Bytes(m)
	if err != nil {
		return err
	}
	for i, v := range x {
		dst[i] = (min(max(v, 0), 255) - 128) / 128
	}
	return nil
}
