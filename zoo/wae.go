package zoo

import "github.com/assay-gan/assay/nn"

// WAE is an autoencoder whose codes, all together, are held to the prior: a relaxed transport cost between data and samples [tolstikhin2018]. Unlike a VAE it does not ask
// every single code to look like noise, so codes of different data need not overlap and samples need not blur.
//
//	min E |x - G(E(x))|^2 + lambda D(q(z), N(0, sigma^2 I)),   z = E(x), or z ~ N(m(x), diag exp v(x))
//
// A deterministic encoder cannot spread tight clusters over the prior: on points the codes are draws, which the theory allows.
// D is the unbiased estimate of the squared maximum mean discrepancy under sums of the inverse multiquadric kernel (mmd),
//
//	k(a, b) = sum_s s c / (s c + |a - b|^2),   c = 2 dim sigma^2,   s in 0.1, 0.2, 0.5, 1, 2, 5, 10
//
// or a discriminator's say on codes (gan): D: -E log s(D(e)) - E log(1 - s(D(z))), e ~ the prior, and the encoder pays -lambda E log s(D(z)).
type WAE struct{}

var _ Model = WAE{}

// Info gives the kernel of the authors' code, and codes of as many dimensions as points have: more of them a flat sheet of codes could never fill.
func (WAE) Info() Info {
	encoder := word("encoder", "deterministic", "what a code is: the encoder's answer, or a normal draw about it whose variance it answers too", "deterministic", "normal")
	encoder.ByKind = byKind("normal", "deterministic")
	return Info{ID: "wae", Title: "Wasserstein auto-encoder", Paper: "tolstikhin2018", Family: Likelihood, Kinds: allKinds,
		Objective: "E |x - G(z)|^2 + lambda MMD^2(q(z), N(0, sigma^2 I)); gan: - lambda E log s(D(z)), D: -E log s(D(e)) - E log(1 - s(D(z)))",
		Settings: join(common("10000", "2000"), latent("2", "8"), adamAt("1e-3"), []Setting{
			word("divergence", "mmd", "how codes are held to the prior: the maximum mean discrepancy, or a discriminator of codes", "mmd", "gan"),
			encoder,
			weightOf("lambda", "1", "10", "weight of the divergence"),
			number("sigma", "1", 1e-3, 1e3, "standard deviation of the prior"),
		})}
}

// imqScales are the kernel's widths relative to its base, those of the authors' code.
var imqScales = []float32{0.1, 0.2, 0.5, 1, 2, 5, 10}

// Updates are one of the autoencoder, and with divergence = gan one of the judge of its codes.
func (WAE) Updates(s Settings) (dSteps, gSteps int, known bool) {
	if s.Word("divergence") == "gan" {
		dSteps = 1
	}
	return dSteps, 1, true
}

// Build puts encoder, decoder and divergence together.
func (WAE) Build(b *Builder) error {
	if err := b.checkShape(); err != nil {
		return err
	}
	k, sigma := b.Settings.Int("latent"), float32(b.Settings.Float("sigma"))
	x, z := b.Real(), nn.Scale(b.Latent(), sigma)
	es, ds := b.Scope("encoder"), b.Scope("decoder")
	net := b.generator(ds, k)
	code := b.codesOfData(es, x, k, sigma)
	cost := nn.Mean(nn.RowSum(nn.Square(nn.Sub(x, b.squash(net.Forward(code, nn.Train))))))
	prior := nn.Scale(b.Normal("prior", k), sigma)
	var divergence *nn.Node
	if b.Settings.Word("divergence") == "gan" {
		var err error
		if divergence, err = b.judgeCodes(prior, code, k); err != nil {
			return err
		}
	} else {
		divergence = imqMMD(prior, code, 2*float32(k)*sigma*sigma)
	}
	loss := nn.Add(cost, nn.Scale(divergence, float32(b.Settings.Float("lambda"))))
	turn := Turn{Name: "wae", Role: Generator, Loss: loss, Train: append(es.Params(), ds.Params()...), With: b.Adam("lr"), Watch: map[string]*nn.Node{"cost": cost, "divergence": divergence}}
	if err := b.Turn(turn); err != nil {
		return err
	}
	b.Samples(b.squash(net.Forward(z, nn.Eval)), append(ds.Params(), ds.States()...))
	return nil
}

// codesOfData are z = E(x), or draws from q(z|x) = N(m(x), diag exp v(x)).
func (b *Builder) codesOfData(s *nn.Scope, x *nn.Node, k int, sigma float32) *nn.Node {
	random := b.Settings.Word("encoder") == "normal"
	outputs := k
	if random {
		outputs = 2 * k
	}
	out := b.critic(s, b.channelsIn(), outputs, normNone).Forward(x, nn.Train)
	mean := nn.Slice(out, 1, 0, k)
	b.Codes(nn.Scale(mean, 1/sigma))
	if !random {
		return mean
	}
	return nn.Add(mean, nn.Mul(nn.Exp(nn.Scale(nn.Slice(out, 1, k, 2*k), 0.5)), b.Normal("reparametrise", k)))
}

// judgeCodes adds the turn of a discriminator of codes and returns what the encoder pays for being told apart.
func (b *Builder) judgeCodes(prior, code *nn.Node, k int) (*nn.Node, error) {
	s := b.Scope("d")
	d := b.mlp(s, k, 1, nn.LeakyReLU(0.2))
	onPrior, onCode := d.Forward(prior, nn.Train), d.Forward(code, nn.Train)
	loss, pays := rivals("log", onPrior, onCode)
	return pays, b.Turn(Turn{Name: "d", Role: Critic, Loss: loss, Train: s.Params(), With: b.Adam("lr"), Watch: probabilities(onPrior, onCode)})
}

// imqMMD is the unbiased estimate of the squared MMD of two batches [N, D] under the summed inverse multiquadric kernel of base c; it may be negative. It is computed from
// what the kernel lacks to 1, c / (c + d) = 1 - d / (c + d), whose ones cancel: a sample lacks nothing to itself.
func imqMMD(a, b *nn.Node, c float32) *nn.Node {
	n := a.Shape()[0]
	aa, bb, ab := squaredDistances(a, a), squaredDistances(b, b), squaredDistances(a, b)
	lacks := func(d *nn.Node) *nn.Node {
		var sum *nn.Node
		for _, s := range imqScales {
			sum = addTo(sum, nn.Sum(nn.Div(d, nn.AddConst(d, s*c))))
		}
		return sum
	}
	own, across := 1/float32(n*(n-1)), 2/float32(n*n)
	return nn.Sub(nn.Scale(lacks(ab), across), nn.Scale(nn.Add(lacks(aa), lacks(bb)), own))
}

// squaredDistances of the rows of a [N, D] and b [M, D]: [N, M], never below 0.
func squaredDistances(a, b *nn.Node) *nn.Node {
	n, m := a.Shape()[0], b.Shape()[0]
	cross := nn.Scale(nn.MatMul(a, b, false, true), -2)
	return nn.ReLU(nn.Add(nn.AddCols(cross, nn.RowDot(b, b)), nn.FillRows(nn.RowDot(a, a), n, m)))
}
