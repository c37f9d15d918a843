package nn

import "sort"

// span is a piece of the arena, in floats.
type span struct{ at, n int }

// plan assigns memory: a value gets a span when it is computed and gives it back after its last use, so the arena is about as large as the
// values alive at one moment.
type plan struct {
	free   []span // sorted by place, never touching each other
	size   int    // arena so far
	naive  int    // without reuse
	place  map[*Node]span
	source map[*Node]*Node // alias to the node whose memory it shares
}

const lineFloats = 16 // spans start at multiples of 64 bytes of the arena

// take returns the smallest free span that fits, or new arena.
func (p *plan) take(n int) span {
	n = (n + lineFloats - 1) &^ (lineFloats - 1)
	best := -1
	for i, s := range p.free {
		if s.n >= n && (best < 0 || s.n < p.free[best].n) {
			best = i
		}
	}
	if best >= 0 {
		s := p.free[best]
		if s.n == n {
			p.free = append(p.free[:best], p.free[best+1:]...)
		} else {
			p.free[best] = span{s.at + n, s.n - n}
		}
		return span{s.at, n}
	}
	if k := len(p.free) - 1; k >= 0 && p.free[k].at+p.free[k].n == p.size { // grow the last free span
		s := p.free[k]
		p.free = p.free[:k]
		p.size = s.at + n
		return span{s.at, n}
	}
	p.size += n
	return span{p.size - n, n}
}

// give returns a span and joins it with its neighbours.
func (p *plan) give(s span) {
	i := sort.Search(len(p.free), func(i int) bool { return p.free[i].at > s.at })
	p.free = append(p.free, span{})
	copy(p.free[i+1:], p.free[i:])
	p.free[i] = s
	if i+1 < len(p.free) && s.at+s.n == p.free[i+1].at {
		p.free[i].n += p.free[i+1].n
		p.free = append(p.free[:i+1], p.free[i+2:]...)
	}
	if i > 0 && p.free[i-1].at+p.free[i-1].n == s.at {
		p.free[i-1].n += p.free[i].n
		p.free = append(p.free[:i], p.free[i+1:]...)
	}
}

func (p *plan) owner(n *Node) *Node {
	for p.source[n] != nil {
		n = p.source[n]
	}
	return n
}

// assign places every computed value.
func assign(us []unit, outputs []*Node) *plan {
	p := &plan{place: map[*Node]span{}, source: map[*Node]*Node{}}
	for _, u := range us {
		if u.alias {
			p.source[u.node] = u.args[0]
		}
	}
	last := map[*Node]int{}
	for i, u := range us {
		for _, c := range u.args {
			last[p.owner(c)] = i
		}
	}
	for _, n := range outputs {
		last[p.owner(n)] = len(us)
	}
	for i, u := range us {
		if u.alias {
			continue
		}
		n := sizeOf(u.node)
		p.naive += n
		at, reused := p.reuse(u, i, last)
		if reused == nil {
			at = p.take(n)
		}
		p.place[u.node] = at
		seen := map[*Node]bool{}
		for _, c := range u.args {
			if c = p.owner(c); c != reused && last[c] == i && !seen[c] {
				seen[c] = true
				if s, computed := p.place[c]; computed {
					p.give(s)
				}
			}
		}
	}
	return p
}

// reuse returns the span of an input that may become the output: it dies here, has the same size, and is not read as another input too.
func (p *plan) reuse(u unit, i int, last map[*Node]int) (span, *Node) {
	for _, j := range u.inplace {
		c := p.owner(u.args[j])
		s, computed := p.place[c]
		if !computed || last[c] != i || sizeOf(c) != sizeOf(u.node) { // of a piece the owner is larger
			continue
		}
		alone := true
		for k, d := range u.args {
			alone = alone && (k == j || p.owner(d) != c)
		}
		if alone {
			return s, c
		}
	}
	return span{}, nil
}
