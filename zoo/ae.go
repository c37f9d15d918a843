package zoo

import "github.com/assay-gan/assay/nn"

// AE is an autoencoder whose decoder is used as a generator [hinton2006]: the baseline that shows why more is needed, since nothing in training asks for
// sensible samples between the codes of the data.
//
//	min E |x - dec(enc(x))|^2 / values
//
// Samples are the decoder at random codes: standard normal ones, or normal ones with the mean and variance that the codes of the data have had lately.
type AE struct{}

var _ Model = AE{}

// Info gives Adam at 1e-3.
func (AE) Info() Info {
	return searched(Info{ID: "ae", Title: "Autoencoder, decoder as generator", Paper: "hinton2006", Family: Likelihood, Kinds: allKinds,
		Objective: "E |x - dec(enc(x))|^2 / values",
		Settings: join(common("10000", "2000"), latent("2", "32"), adamAt("1e-3"), []Setting{
			word("codes", "normal", "codes that samples are made from: standard normal, or normal with the moments of the data's codes", "normal", "fitted"),
		})})
}

// codeMemory is the weight of a new batch in the moments of the codes.
const codeMemory = 0.01

// Build puts encoder and decoder together.
func (AE) Build(b *Builder) error {
	if err := b.checkShape(); err != nil {
		return err
	}
	k := b.Settings.Int("latent")
	x, z := b.Real(), b.Latent()
	es, ds := b.Scope("encoder"), b.Scope("decoder")
	decoder := b.generator(ds, k)
	code := b.critic(es, b.channelsIn(), k, normNone).Forward(x, nn.Train)
	loss := nn.MSE(b.squash(decoder.Forward(code, nn.Train)), x)
	b.Codes(code)
	turn := Turn{Name: "ae", Role: Generator, Loss: loss, Train: append(es.Params(), ds.Params()...), With: b.Adam("lr")}
	if b.Settings.Word("codes") == "fitted" {
		mean, square := b.Scope("codes").State("mean", nn.Zeros(), k), b.Scope("codes").State("square", nn.Ones(), k)
		lately := func(state, batch *nn.Node) Next {
			return Next{state, nn.Add(nn.Scale(state, 1-codeMemory), nn.Scale(nn.ColSum(batch), codeMemory/float32(b.Batch)))}
		}
		turn.Next = []Next{lately(mean, code), lately(square, nn.Square(code))}
		sd := nn.Sqrt(nn.ReLU(nn.Sub(square, nn.Square(mean))))
		z = nn.AffineCols(z, sd, mean)
		b.Codes(nn.MulCols(nn.AddCols(code, nn.Neg(mean)), nn.Pow(nn.AddConst(sd, 1e-6), -1)))
	}
	if err := b.Turn(turn); err != nil {
		return err
	}
	b.Samples(b.squash(decoder.Forward(z, nn.Eval)), ds.Params())
	return nil
}
