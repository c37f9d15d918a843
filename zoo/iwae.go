package zoo

import (
	"math"

	"github.com/assay-gan/assay/nn"
)

// IWAE is a VAE under a tighter bound of the log-likelihood: k codes a sample, weighted by how well they explain it [burda2016].
//
//	min -E log 1/k sum_i w_i,   w_i = p(x|z_i) p(z_i) / q(z_i|x),   z_i ~ q(z|x)
//
// With k = 1 it is the evidence lower bound with a sampled KL; with more codes it only rises, towards log p(x).
type IWAE struct{}

var _ Model = IWAE{}

// Info gives five codes, the smaller of the paper's two choices.
func (IWAE) Info() Info {
	return searched(Info{ID: "iwae", Title: "Importance-weighted auto-encoder", Paper: "burda2016", Family: Likelihood, Kinds: allKinds,
		Objective: "-E log 1/k sum_i p(x|z_i) p(z_i) / q(z_i|x), z_i ~ q(z|x)",
		Settings:  join(variationalSettings(), []Setting{integer("k", "5", "5", 1, 5000, "codes drawn for each sample")})})
}

// Build puts encoder and decoder together.
func (IWAE) Build(b *Builder) error {
	v, err := b.variational(VAE{})
	if err != nil {
		return err
	}
	k, width := b.Settings.Int("k"), b.Settings.Int("latent")
	eps := b.Normal("reparametrise", k*width)
	weights := make([]*nn.Node, k)
	for i := range weights {
		e := nn.Slice(eps, 1, i*width, (i+1)*width)
		z := v.code(e)
		weights[i] = nn.Reshape(v.logWeight(z, e, v.nll(z, nn.Train)), b.Batch, 1)
	}
	all := nn.Concat(1, weights...)
	bound := nn.Mean(nn.AddConst(logSumExp(all), -float32(math.Log(float64(k)))))
	if err := v.bound(eps, k); err != nil {
		return err
	}
	return v.finish(Turn{Name: "bound", Loss: nn.Neg(bound), Watch: map[string]*nn.Node{"elbo": nn.Mean(all)}})
}

// logWeight is log p(x|z) + log p(z) - log q(z|x) of each sample at z = mean + sd eps, given the first; the two normal densities share their constants, and the
// standardised code under q is eps itself.
func (v *variational) logWeight(z, eps, nll *nn.Node) *nn.Node {
	prior := nn.Sub(nn.Add(nn.RowDot(eps, eps), nn.RowSum(v.logVar)), nn.RowDot(z, z))
	return nn.Sub(nn.Scale(prior, 0.5), nll)
}

// logSumExp of each row, [N, k] to [N]: any entry less its log-softmax, without overflow.
func logSumExp(x *nn.Node) *nn.Node {
	n := x.Shape()[0]
	return nn.Reshape(nn.Sub(nn.Slice(x, 1, 0, 1), nn.Slice(nn.LogSoftmax(x), 1, 0, 1)), n)
}
