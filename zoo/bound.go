package zoo

import (
	"context"
	"math"

	"github.com/assay-gan/assay/nn"
)

// bound hands in the lower bound of the log-likelihood of a variational model, at evaluation: with one code the evidence lower bound with its exact KL term,
//
//	E_q log p(x|z) - KL(q(z|x) || N(0, I)),   one z a sample,
//
// with more the importance-weighted bound log 1/k sum_i w_i [burda2016]. The weight of the KL term that training may use (beta) has no part in it. eps is the
// model's own reparametrisation noise, of which the first code's is used again for every code.
func (v *variational) bound(eps *nn.Node, codes int) error {
	noise, latent := eps, v.b.Settings.Int("latent")
	eps = nn.Slice(noise, 1, 0, latent)
	z := v.code(eps)
	nll := v.nll(z, nn.Eval)
	weight := v.logWeight(z, eps, nll)
	elbo := nn.Neg(nn.Add(nll, nn.KLDiagonal(v.mean, v.logVar)))
	zz, qq := nn.RowDot(z, z), nn.Add(nn.RowDot(eps, eps), nn.RowSum(v.logVar))
	prog, err := nn.Compile(elbo, weight, nll, zz, qq)
	if err != nil {
		return err
	}
	dim := nn.Count([]*nn.Node{v.x}) / v.b.Batch
	units := v.b.scale.logVolume(dim)
	normal := 0.5 * float64(latent) * math.Log(2*math.Pi)
	v.b.Likelihood(Density{Codes: codes, Sites: dim, Terms: true, LogP: func(ctx context.Context, e Evidence) error {
		v.b.present(v.x, v.y, e)
		sums := make([]logSum, len(e.Rows))
		for k := range e.Codes {
			if err := ctx.Err(); err != nil {
				return err
			}
			for i, r := range e.Random {
				r.FillNormal(rowOfBatch(noise, i, v.b.Batch)[:latent])
			}
			if err := prog.Run(); err != nil {
				return err
			}
			for i := range sums {
				sums[i].add(float64(prog.Get(weight)[i]))
				if t := e.Terms; t != nil {
					at := i*e.Codes + k
					t.PX[at] = units - float64(prog.Get(nll)[i])
					t.PZ[at] = -0.5*float64(prog.Get(zz)[i]) - normal
					t.QZ[at] = -0.5*float64(prog.Get(qq)[i]) - normal
				}
			}
		}
		for i := range sums {
			e.Nats[i] = sums[i].value() - math.Log(float64(e.Codes)) + units
			if e.Codes == 1 {
				e.Nats[i] = float64(prog.Get(elbo)[i]) + units
			}
		}
		return nil
	}})
	return nil
}

// present fills the inputs of data and classes with the rows of the evidence; what is missing to a full batch repeats its first row.
func (b *Builder) present(x, y *nn.Node, e Evidence) {
	for r := range b.Batch {
		i := r
		if i >= len(e.Rows) {
			i = 0
		}
		b.scale.apply(rowOfBatch(x, r, b.Batch), e.Rows[i])
		if y != nil {
			row := rowOfBatch(y, r, b.Batch)
			clear(row)
			row[e.Labels[i]] = 1
		}
	}
}

func rowOfBatch(n *nn.Node, r, batch int) []float32 {
	d := nn.Data(n)
	w := len(d) / batch
	return d[r*w : (r+1)*w]
}

// logSum is log sum exp of what was added so far, without overflow.
type logSum struct{ top, rest float64 } // the largest, and the sum of exp(x - top)

func (l *logSum) add(x float64) {
	switch {
	case l.rest == 0:
		l.top, l.rest = x, 1
	case x > l.top:
		l.top, l.rest = x, 1+l.rest*math.Exp(l.top-x)
	default:
		l.rest += math.Exp(x - l.top)
	}
}

func (l *logSum) value() float64 { return l.top + math.Log(l.rest) }
