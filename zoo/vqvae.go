package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// VQVAE is an autoencoder whose codes are words of a learned list, and a prior that learns to write them [oord2017].
//
//	k = argmin_j |E(x) - e_j|^2,   q = e_k
//	min E (x - G(q))^2 / values + beta E (E(x) - stop(q))^2 / values of a code
//	e_j <- mean of the codes that chose j lately (ema), or + E (stop(E(x)) - q)^2 / values of a code (loss)
//	prior: min -E log p(k)
//
// The decoder's gradient goes on to the encoder as if there were no list (straight-through). An image has a word at each place of its coarse map and a PixelCNN as prior; a
// point has one word and the words' frequencies. Both learn in every step, the prior on words as they are; the paper trains one after the other.
type VQVAE struct{}

var _ Model = VQVAE{}

// Info gives 64 words, which is plenty for small data, and the paper's beta.
func (VQVAE) Info() Info {
	draw := word("draw", "mean", "what a sample is: the decoder's mean, or a normal draw about it with the error that reconstructions have", "mean", "full")
	draw.ByKind = byKind("full", "mean")
	return Info{ID: "vq-vae", Title: "Vector-quantised autoencoder with a learned prior", Paper: "oord2017", Family: Likelihood, Kinds: allKinds,
		Objective: "E (x - G(e_k))^2 / values + beta E (E(x) - stop(e_k))^2 / values, k = argmin_j |E(x) - e_j|^2; prior: -E log p(k)",
		Settings: join(common("10000", "2000"), adamAt("1e-3"), []Setting{
			integer("words", "64", "64", 2, 65536, "words of the list"),
			integer("word_width", "2", "16", 1, 4096, "numbers of a word"),
			number("beta", "0.25", 0, 1e6, "weight of the codes' distance to their words"),
			word("codebook", "ema", "how words learn: as the mean of the codes that chose them lately, or by their squared distance to them in the loss", "ema", "loss"),
			number("memory", "0.99", 0, 0.99999, "decay of that mean (codebook = ema), and of the error that draw = full adds"),
			word("gradient", "straight-through", "what the encoder hears of the decoder's loss: as if its code had not been replaced by a word, or nothing", "straight-through", "stop"),
			draw,
			integer("width_2", "64", "32", 1, 8192, "channels of the prior's convolutions (images)"),
			integer("depth_2", "3", "3", 1, 16, "layers of the prior after the first (images)"),
			{Name: "temperature", Default: "1", Lo: 0, Hi: 100, Drawing: true, Doc: "words are drawn from p^(1/temperature); 0 takes the likeliest"},
			number("ema", "0", 0, 0.99999, "decay of the average of the decoder's and prior's weights that samples are drawn with; 0 draws with the weights themselves"),
		})}
}

// Updates are one of the autoencoder and one of the prior.
func (VQVAE) Updates(Settings) (dSteps, gSteps int, known bool) { return 0, 2, true }

// Build puts encoder, list, decoder and prior together.
func (VQVAE) Build(b *Builder) error {
	if err := b.checkShape(); err != nil {
		return err
	}
	m := b.vocabularyModel()
	x := b.Real()
	code := m.encode(x)               // [N*places, width]
	at := nn.Argmax(m.nearness(code)) // [N*places]
	word := nn.Gather(m.list, at)     // the same shape as code
	passed := word
	if b.Settings.Word("gradient") == "straight-through" {
		passed = nn.Add(code, nn.Detach(nn.Sub(word, code)))
	}
	err := nn.MSE(b.squash(m.decoder.Forward(passed, nn.Train)), x)
	keeps := nn.MSE(code, nn.Detach(word))
	loss := nn.Add(err, nn.Scale(keeps, float32(b.Settings.Float("beta"))))
	turn := Turn{Name: "vq", Role: Generator, Train: append(m.es.Params(), m.ds.Params()...), With: b.Adam("lr"), Watch: map[string]*nn.Node{"error": err, "distance to words": keeps}}
	turn.Next = []Next{m.lately(m.variance, nn.Reshape(err, 1))}
	if b.Settings.Word("codebook") == "loss" {
		loss = nn.Add(loss, nn.MSE(word, nn.Detach(code)))
		turn.Train = append(turn.Train, m.list)
	} else {
		turn.Next = append(turn.Next, m.learnWords(at, code)...)
	}
	turn.Loss = loss
	if err := b.Turn(turn); err != nil {
		return err
	}
	prior, perr := b.priorOfWords(m, at)
	if perr != nil {
		return perr
	}
	return m.speak(x, at, prior)
}

// wordy is what a VQ-VAE is made of.
type wordy struct {
	b                *Builder
	es, ds           *nn.Scope
	places           int // words of a sample
	h, w             int // of the coarse map; 1 x 1 for points
	words, width     int
	encoder, decoder nn.Layer
	list             *nn.Node // the words, [words, width]
	count, sum       *nn.Node // of the codes that chose each word lately; nil with codebook = loss
	variance         *nn.Node // of reconstructions, lately
}

func (b *Builder) vocabularyModel() *wordy {
	m := &wordy{b: b, es: b.Scope("encoder"), ds: b.Scope("decoder"), h: 1, w: 1, words: b.Settings.Int("words"), width: b.Settings.Int("word_width")}
	if b.Kind == datasets.Images {
		m.h, m.w, _ = b.coarse()
	}
	m.places = m.h * m.w
	s := b.Scope("words")
	if b.Settings.Word("codebook") == "loss" {
		m.list = s.Param("list", nn.Normal(1), m.words, m.width)
	} else {
		m.list = s.State("list", nn.Normal(1), m.words, m.width)
		m.count = s.State("count", nn.Ones(), m.words)
		m.sum = s.State("sum", nn.Zeros(), m.words, m.width)
		copy(nn.Data(m.sum), nn.Data(m.list))
	}
	m.variance = s.State("variance", nn.Ones(), 1)
	m.networks()
	return m
}

// networks are the perceptrons of points, and for images strided convolutions down to the coarse map and back, without batch norm.
func (m *wordy) networks() {
	b := m.b
	if b.Kind == datasets.Points {
		m.encoder, m.decoder = b.mlp(m.es, b.Shape[0], m.width, nn.ReLU), b.mlp(m.ds, m.width, b.Shape[0], nn.ReLU)
		return
	}
	halvings := b.Settings.Int("depth")
	var down, up []nn.Layer
	in := b.Shape[2]
	for i := 1; i <= halvings; i++ {
		down = append(down, b.halving(m.es, i, in, normNone)...)
		in = b.channels(i)
	}
	m.encoder = nn.Seq(append(down, nn.Conv(m.es.Sub("code"), in, m.width, nn.K(1, 1, 0)), nn.Func(func(x *nn.Node) *nn.Node { return nn.Reshape(x, b.Batch*m.places, m.width) }))...)
	up = append(up, nn.Func(func(x *nn.Node) *nn.Node { return nn.Reshape(x, b.Batch, m.h, m.w, m.width) }),
		nn.Conv(m.ds.Sub("in"), m.width, in, nn.K(3, 1, 1)), nn.ReLU)
	for i := halvings - 1; i >= 1; i-- {
		next := b.channels(i)
		up = append(up, nn.ConvTranspose(m.ds.Sub(fmt.Sprintf("up%d", i)), in, next, nn.K(4, 2, 1)), nn.ReLU)
		in = next
	}
	m.decoder = nn.Seq(append(up, nn.ConvTranspose(m.ds.Sub("out"), in, b.Shape[2], nn.K(4, 2, 1)))...)
}

func (m *wordy) encode(x *nn.Node) *nn.Node { return m.encoder.Forward(x, nn.Train) }

// nearness of codes to words, [N*places, words]: half the squared distance, negated, but for the code's own length.
func (m *wordy) nearness(code *nn.Node) *nn.Node {
	return nn.AddCols(nn.MatMul(code, m.list, false, true), nn.Scale(nn.RowDot(m.list, m.list), -0.5))
}

// lately is a state's mean over the last turns.
func (m *wordy) lately(state, now *nn.Node) Next {
	memory := float32(m.b.Settings.Float("memory"))
	return Next{state, nn.Add(nn.Scale(state, memory), nn.Scale(now, 1-memory))}
}

// fewest keeps the mean of a word that nobody chooses from 0/0: it stays where it is.
const fewest = 1e-5

// learnWords moves the list to the means of the codes that chose each word. The list is computed from the sums of this turn, as they will be after it.
func (m *wordy) learnWords(at, code *nn.Node) []Next {
	chosen := nn.OneHot(at, m.words)
	count, sum := m.lately(m.count, nn.ColSum(chosen)), m.lately(m.sum, nn.MatMul(chosen, code, true, false))
	mean := nn.MulRows(sum.Value, nn.Pow(nn.AddConst(count.Value, fewest), -1))
	return []Next{count, sum, {m.list, mean}}
}
