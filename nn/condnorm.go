package nn

// ConditionalNorm is a batch norm whose scale and shift depend on a row for each sample, such as a class or a latent vector [devries2017].
type ConditionalNorm struct {
	norm        Layer
	gain, shift Layer
	channels    int
}

// ConditionalBatchNorm normalises each of c channels over the batch, and then scales and shifts the channels of each sample by linear functions of its row of width
// values: y = (1 + A row) BN(x) + B row, where BN has a scale and a shift of its own. The options are those of the two linear functions.
func ConditionalBatchNorm(s *Scope, c, width int, opts ...Option) *ConditionalNorm {
	opts = append(opts[:len(opts):len(opts)], NoBias)
	return &ConditionalNorm{
		norm: BatchNorm(s, c), channels: c,
		gain: Dense(s.Sub("gain"), width, c, opts...), shift: Dense(s.Sub("shift"), width, c, opts...),
	}
}

// Forward takes x [N, c] or [N,H,W,c] and the rows [N, width].
func (l *ConditionalNorm) Forward(x, rows *Node, m Mode) *Node {
	d := x.Shape()
	spread := func(v *Node) *Node { return v }
	if len(d) == 4 {
		spread = func(v *Node) *Node { return Tile2D(v, d[1], d[2]) }
	}
	y := l.norm.Forward(x, m)
	y = Add(y, Mul(y, spread(l.gain.Forward(rows, m))))
	return Add(y, spread(l.shift.Forward(rows, m)))
}
