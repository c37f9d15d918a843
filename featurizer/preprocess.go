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
	plans planCache
}

// planCache keeps the resampling plans of sizes seen; safe for concurrent use.
type planCache struct {
	mu    sync.Mutex
	plans map[[4]int]*imaging.Plan
}

// maxPlans bounds the memory of a folder in which every image has its own size.
const maxPlans = 64

// plan brings h x w to rh x rw.
func (c *planCache) plan(r imaging.Resampler, h, w, rh, rw int) (*imaging.Plan, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	size := [4]int{h, w, rh, rw}
	if plan := c.plans[size]; plan != nil {
		return plan, nil
	}
	plan, err := r.Plan(h, w, rh, rw)
	if err != nil {
		return nil, err
	}
	if c.plans == nil || len(c.plans) >= maxPlans {
		c.plans = map[[4]int]*imaging.Plan{}
	}
	c.plans[size] = plan
	return plan, nil
}

// apply writes side x side x 3 values of about [-1, 1] to dst.
func (p *planner) apply(dst []float32, m *imaging.Image) error {
	m = m.RGB()
	plan, err := p.plans.plan(p.resampler, m.H, m.W, p.side, p.side)
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
