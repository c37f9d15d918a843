package zoo

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// strip is the inputs of the network over some pixels, and for drawing and likelihoods its program.
type strip struct {
	*raster
	length     int
	seen, y, x *nn.Node
	start      []memory // inputs, or states that travel with training
	out        *nn.Node
	end        []memory
	prog       *nn.Program
}

// strip makes the inputs. The memory at its start is a state of the scope, or an input if that is nil.
func (r *raster) strip(name string, length int, states *nn.Scope) *strip {
	b, units := r.b, r.b.Settings.Int("width")
	n := length * b.Batch
	s := &strip{raster: r, length: length, seen: b.graph.Input(name+"-seen", n*len(r.look)*r.sites()), y: b.graph.Input(name+"-y", n), x: b.graph.Input(name+"-x", n)}
	for i := range r.cells {
		m := memory{}
		for _, at := range []struct {
			name string
			to   **nn.Node
		}{{"h", &m.h}, {"c", &m.c}} {
			if id := fmt.Sprintf("%s%d", at.name, i); states != nil {
				*at.to = states.State(id, nn.Zeros(), b.Batch, units)
			} else {
				*at.to = b.graph.Input(name+"-"+id, b.Batch, units)
			}
		}
		s.start = append(s.start, m)
	}
	return s
}

func (s *strip) compile() error {
	out, end := s.unroll(s.length, s.seen, s.y, s.x, nil, s.start)
	s.out, s.end = s.answer(out), end
	outputs := []*nn.Node{s.out}
	for _, m := range end {
		outputs = append(outputs, m.h, m.c)
	}
	var err error
	s.prog, err = nn.Compile(outputs...)
	return err
}

// fill shows the strip that starts at a pixel, on images given as sites; t is the time, i the image.
func (s *strip) fill(images [][]float32, from int) {
	width := len(s.look) * s.sites()
	seen, ys, xs := nn.Data(s.seen), nn.Data(s.y), nn.Data(s.x)
	for t := range s.length {
		y, x := (from+t)/s.w, (from+t)%s.w
		for i, sites := range images {
			at := t*s.b.Batch + i
			s.see(seen[at*width:(at+1)*width], sites, y, x)
			ys[at], xs[at] = float32(y), float32(x)
		}
	}
}

// forget empties the memory.
func (s *strip) forget() {
	for _, m := range s.start {
		clear(nn.Data(m.h))
		clear(nn.Data(m.c))
	}
}

// run goes over the strip and keeps what it remembers for the next one.
func (s *strip) run() error {
	if err := s.prog.Run(); err != nil {
		return err
	}
	for i, m := range s.start {
		copy(nn.Data(m.h), s.prog.Get(s.end[i].h))
		copy(nn.Data(m.c), s.prog.Get(s.end[i].c))
	}
	return nil
}

// answerAt is what the network said at time t of image i.
func (s *strip) answerAt(t, i int) []float32 {
	at, k := t*s.b.Batch+i, s.outputs()
	return s.prog.Get(s.out)[at*k : (at+1)*k]
}

// logP goes over the images strip by strip.
func (s *strip) logP(ctx context.Context, e Evidence) error {
	count := s.hidden(e.Known)
	images := s.blankImages(len(e.Rows))
	for i, row := range e.Rows {
		s.read(images[i], row)
		e.Nats[i] = 0
	}
	s.forget()
	for from := 0; from < s.h*s.w; from += s.length {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.fill(images, from)
		if err := s.run(); err != nil {
			return err
		}
		n := s.sites()
		for i, sites := range images {
			for t := range s.length {
				if !count[from+t] {
					continue
				}
				e.Nats[i] += s.logp(s.answerAt(t, i), sites[(from+t)*n:(from+t+1)*n])
			}
		}
	}
	return nil
}

var _ Completer = (*strip)(nil)

// Draw implements Drawer.
func (s *strip) Draw(ctx context.Context, d Draft) error {
	return s.Complete(ctx, d, make([]bool, s.h*s.w*s.channels))
}

// Complete implements Completer on strips of one pixel: known pixels are shown to the network as they are, the others drawn one by one.
func (s *strip) Complete(ctx context.Context, d Draft, known []bool) error {
	images := s.blankImages(len(d.Rows))
	hidden := s.hidden(known)
	for i, row := range d.Rows {
		s.read(images[i], row)
	}
	s.forget()
	n := s.sites()
	for at := range s.h * s.w {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.fill(images, at)
		if err := s.run(); err != nil {
			return err
		}
		for i, sites := range images {
			if site := sites[at*n : (at+1)*n]; hidden[at] {
				s.choose(site, s.answerAt(0, i), d.Random[i])
				s.paint(d.Rows[i][at*s.channels:(at+1)*s.channels], site)
			}
		}
	}
	return nil
}

// strips is the feed of training: batches of whole images, shown strip by strip.
type strips struct {
	batches
	net          *raster
	into         *strip
	target, goOn *nn.Node
	data         *reading
	images       [][]float32
	blank        float64
	from         int
}

var _ counted = (*strips)(nil)

func (f *strips) samplesRead() int {
	if f.from == f.into.length%(f.net.h*f.net.w) { // the first strip has just been shown
		return len(f.images)
	}
	return 0
}

func (f *strips) fill() {
	nn.Data(f.goOn)[0] = 1
	if f.from == 0 {
		nn.Data(f.goOn)[0] = 0
		for i := range f.images {
			f.images[i] = f.data.image(f.next())
		}
	}
	f.into.fill(f.images, f.from)
	f.hide()
	n, batch := f.net.sites(), len(f.images)
	target := nn.Data(f.target)
	for t := range f.into.length {
		for i, sites := range f.images {
			copy(target[(t*batch+i)*n:], sites[(f.from+t)*n:(f.from+t+1)*n])
		}
	}
	f.from = (f.from + f.into.length) % (f.net.h * f.net.w)
}

// hide blanks some of the neighbours, by a stream of the place in training.
func (f *strips) hide() {
	if f.blank == 0 {
		return
	}
	r := rng.Stream(f.seed, "blank", fmt.Sprintf("%d.%d.%d", f.epoch, f.at, f.from))
	seen, n := nn.Data(f.into.seen), f.net.sites()
	for ; len(seen) > 0; seen = seen[n:] {
		if r.Float64() < f.blank {
			for j := range n {
				seen[j] = f.net.nothing()
			}
		}
	}
}
