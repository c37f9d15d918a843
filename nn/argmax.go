package nn

// Argmax returns the place of the largest value of each row of x [N,C], the first of equal ones: [N], whole numbers carried as float32, as Gather wants them. It has
// no derivative. With standard Gumbel noise added to logits it is a draw from their softmax [jang2017].
func Argmax(x *Node) *Node {
	s := wantRank("argmax", x, 2)
	n, c := s[0], s[1]
	return apply(&Op{name: "argmax", out: shape(n),
		eval: func(o []float32, in [][]float32) {
			for i := range n {
				row, at := in[0][i*c:(i+1)*c], 0
				for j, v := range row {
					if v > row[at] {
						at = j
					}
				}
				o[i] = float32(at)
			}
		}}, x)
}
