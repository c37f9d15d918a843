package zoo

import "github.com/assay-gan/assay/nn"

// Penalties on the slope of a critic: loss terms that hold a gradient, so that training takes a second derivative, exactly.

// slopes is the squared norm of each sample's gradient of its score, [N]. Batch norm in the critic would mix the samples of a batch and so their gradients;
// the penalised models leave it out.
func slopes(score, at *nn.Node) *nn.Node {
	return nn.RowSum(nn.Square(nn.MustGrad(nn.Sum(score), at)[0]))
}

// norms is the square root of slopes; the small constant keeps its derivative finite where a gradient vanishes.
func norms(score, at *nn.Node) *nn.Node { return nn.Sqrt(nn.AddConst(slopes(score, at), 1e-12)) }

// unitSlope is E (|grad D| - 1)^2 [gulrajani2017].
func unitSlope(norm *nn.Node) *nn.Node { return nn.SquaredTo(norm, 1) }

// onLines is a point drawn uniformly on the line from each sample of the generator to one of the data.
func (p *pair) onLines() *nn.Node { return lines(p.fake, p.x, p.b.Uniform("lines", 1)) }

// lines is from + t (to - from), t one number a row.
func lines(from, to, t *nn.Node) *nn.Node {
	return nn.Add(from, nn.MulRows(nn.Sub(to, from), nn.Reshape(t, t.Shape()[0])))
}

// around is the data with normal noise of share times the batch's standard deviation, over all of its values.
func (p *pair) around(share float32) *nn.Node {
	variance := nn.Sub(nn.Mean(nn.Square(p.x)), nn.Square(nn.Mean(p.x)))
	sd := nn.Sqrt(nn.AddConst(variance, 1e-12))
	return nn.Add(p.x, nn.ScaleBy(p.b.perValue("around", normal), nn.Scale(sd, share)))
}

// gradientPenalty is the weight that WGAN-GP's authors use: 10 on images, 0.1 on toy points.
func gradientPenalty() Setting {
	return weightOf("lambda", "0.1", "10", "weight of the gradient penalty").means(Penalty)
}
