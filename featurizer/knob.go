package featurizer

import "fmt"

// Knob is one choice that two protocols make differently, with the protocol as it stands once that choice has been taken over.
type Knob struct {
	Field    string // resampler, range, dropped batch, ddof
	From, To string
	After    Protocol
}

// Path leads from one protocol to another, one choice of the Frechet distance at a time, in the order in which the choices act on an image. The
// name of a protocol on the way is that of the start with the number of choices taken over. Only choices that matter for images from files
// are on it: the quantiser acts on a generator's floats, before any file.
func Path(a, b Protocol) []Knob {
	var path []Knob
	cur := a
	turn := func(field, from, to string, set func(p *Protocol)) {
		if from == to {
			return
		}
		set(&cur)
		cur.Name = fmt.Sprintf("%s-to-%s.%d", a.Name, b.Name, len(path)+1)
		path = append(path, Knob{field, from, to, cur})
	}
	turn("resampler", string(a.Resampler), string(b.Resampler), func(p *Protocol) { p.Resampler = b.Resampler })
	turn("range", a.Range, b.Range, func(p *Protocol) { p.Range = b.Range })
	turn("dropped batch", fmt.Sprint(a.DropLast), fmt.Sprint(b.DropLast), func(p *Protocol) { p.DropLast = b.DropLast })
	turn("ddof", fmt.Sprint(a.DDOF), fmt.Sprint(b.DDOF), func(p *Protocol) { p.DDOF = b.DDOF })
	if n := len(path); n > 0 {
		path[n-1].After = b // the end of the way is the protocol itself
	}
	return path
}

// Under returns the same network and layer under another protocol. The weights are shared.
func (f *Inception) Under(p Protocol) *Inception {
	g := &Inception{net: f.net, protocol: p, layer: f.layer, stem: f.stem, hash: f.hash}
	g.id = f.stem + p.Name + "," + f.layer.name + ")"
	g.prepare.preprocess = preprocess{resampler: p.Resampler, unit: p.Range == RangeUnit, side: inceptionSide}
	return g
}
