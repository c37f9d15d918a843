package main

import (
	"fmt"
	"math"
	"strconv"
)

// paperTable is a published table with what is set as in the paper, and what is not.
type paperTable struct {
	title, source, where string // source is a citation's label
	suite                string // the embedded suite whose records are ours
	setup                string // the paper's set-up, as run here
	differs              string // what is ours and not the paper's
	seen                 string // where the published figures were read
	why                  string // what makes ours differ, where it does; written after the runs
	figures              []paperFigure
}

// paperFigure is one published number and where ours is found.
type paperFigure struct {
	what    string  // row and column of the published table
	printed string  // as the paper prints it
	value   float64 // the number, NaN where the paper shows a picture alone
	err     float64 // the paper's own error of it, NaN where it gives none
	half    float64 // half a unit of the last printed digit
	runs    int     // how many runs the published number is the mean of, 1 where it is one run or not said

	model, dataset, metric string
	scale                  func(float64) float64 // from our unit to the paper's, nil for the same
	worst                  float64               // the value of a run that has none
	left                   string                // why it is not run, where no cost is known
	cost                   *projection           // where it is not run
}

var none = math.NaN()

// theRule decides what the page says of a figure. It was written, with every published figure below, before the first run.
const theRule = "The rule, written before the first run: `m` is the mean of our runs, `c` half the width of its 95 % interval (Student's t over runs). Where the paper gives an error of its figure, `c = t s / √n`\n" +
	"and the paper's error is added as it is printed. Where it gives none, the figure is taken for the mean of the number of runs that the paper states, one where it states none, with our spread:\n" +
	"`c = t s √(1/n + 1/runs)`. A figure **agrees** when it lies within `c`, the paper's error and half a unit of its last printed digit of `m`; else it **differs**. It is **undecided** when it lies within, but\n" +
	"`c` is wider than both the paper's error and a quarter of the figure: too few runs to say. One run of ours has no interval, `c = 0`. A table agrees when all its figures that were run agree.\n" +
	"Nothing was tuned after a look at a result."

func squared(scale float64) func(float64) float64 {
	return func(v float64) float64 { return scale * scale * v * v }
}

func percent(v float64) float64 { return 100 * v }

// paperTables lists the tables in the page's order.
func (b *book) paperTables() []paperTable {
	return []paperTable{unrolledRing(), veeganToys(b.papers), flowMatchingPlane(), seqganOracle(), seqganLog(), logitDigits(), sameNormal(), reluBias(), parzenDigits(), packedRing(), importanceWeighted(), gradientPenaltyToys()}
}

func unrolledRing() paperTable {
	row := func(k, printed string, value float64) paperFigure {
		return paperFigure{what: k + " steps of unrolling, modes covered at the end", printed: printed, value: value, err: none, half: 0.5, runs: 1,
			model: "unrolled-" + k, dataset: "ring", metric: "modes", cost: &projection{[]part{{"unrolled-" + k, 25_000}}, 3, "25 000 steps"}}
	}
	return paperTable{title: "Unrolled GAN: the ring", source: "metz2017", where: "the figure of the two-dimensional ring", suite: "papers-unrolled",
		setup: "Eight Gaussians on a ring of radius 2, standard deviation 0.02; batches of 512; G and D of two layers of 128; z of 256 values; Adam, 1e-3 for G and 1e-4 for D, beta1 0.5; 25 000 steps (the authors' notebook).",
		differs: "The paper shows heat maps, no numbers: with no unrolling the samples rotate from mode to mode, one at a time; with 10 steps they spread over all eight and stay. Ours is counted: a mode is covered by one of\n" +
			"2 500 samples within three standard deviations. The steps ahead are plain gradient descent, not Adam's, at ten times D's rate; ReLU and leaky ReLU in the place of tanh; Glorot's weights in the place of orthogonal ones; a\n" +
			"fixed set of 100 000 points in the place of a stream; points are brought to root mean square 1.",
		seen:    "the figure as it is commonly described; set-up read in the authors' notebook (poolio/unrolled_gan).",
		figures: []paperFigure{row("0", "1 (picture)", 1), row("5", "no figure", none), row("10", "8 (picture)", 8)}}
}

// veeganToys has the figures that docs/zoo/results/papers.csv holds.
func veeganToys(published []paperRow) paperTable {
	t := paperTable{title: "VEEGAN: ring and grid", source: "srivastava2017", where: "Table 1", suite: "papers-veegan",
		setup: "2 500 samples; a sample is of high quality within three standard deviations of a mode, a mode is captured by one such sample; five runs; G and D of two layers of 128; ring of 8 (standard deviation 0.01), grid of 25 (0.05).",
		differs: "The public code has neither ring nor grid, and the paper gives no optimiser, batch or length for them. Ours: z of 2 values as in PacGAN's copy of the experiment, batches of 128, 10 000 steps of Adam at 1e-3, beta1 0.5,\n" +
			"which is the zoo's preset `paper`.",
		why: "what decides between one mode and all, rates, batches and length, is not in the paper, and a GAN at the zoo's settings does not collapse on the ring. PacGAN's authors, with settings of their own, found 6.3 modes\n" +
			"and 98.2 % for the row in which this paper has 1 and 99.3 % [lin2018]: the table is of settings as much as of methods. At the zoo's settings the order is turned round: GAN and ALI find the modes, Unrolled (steps ahead of\n" +
			"plain descent at ten times the rate) and VEEGAN stay at one or two of the ring. A perfect sampler has 8 and 25 modes and 98.8 % in the same runs.",
		seen: "the authors' page (akashgit/VEEGAN)."}
	models := map[string]string{"GAN": "gan-ns", "ALI": "ali", "Unrolled (5)": "unrolled", "VEEGAN": "veegan"}
	for _, p := range published {
		if p.source != t.source {
			continue
		}
		f := paperFigure{what: fmt.Sprintf("%s, %s, %s", p.dataset, p.model, p.value), value: p.mean, err: p.err, runs: 5, model: models[p.model], dataset: p.dataset, metric: p.value}
		if p.value == "hq" {
			f.what, f.value, f.scale = fmt.Sprintf("%s, %s, high quality %%", p.dataset, p.model), percent(p.mean), percent
		}
		f.cost = &projection{[]part{{"toy-" + f.model, 10_000}}, 5, "10 000 steps"}
		f.printed = strconv.FormatFloat(math.Round(1e6*f.value)/1e6, 'f', -1, 64)
		f.half = lastDigit(f.printed)
		t.figures = append(t.figures, f)
	}
	return t
}

func flowMatchingPlane() paperTable {
	row := func(method, target, printed string, value, err float64, model, set string, unit float64) paperFigure {
		return paperFigure{what: method + ", N → " + target + ", squared 2-Wasserstein distance", printed: printed, value: value, err: err, half: 0.0005, runs: 5,
			model: model, dataset: set, metric: "wasserstein", scale: squared(unit), worst: math.Inf(1),
			cost: &projection{[]part{{model, 20_000}}, 5, "20 000 steps"}}
	}
	return paperTable{title: "Conditional flow matching in the plane", source: "tong2024", where: "Table 2", suite: "papers-cfm",
		setup: "10 000 points, 1 000 of test, five runs; three layers of 64; Adam at 1e-3; 20 000 steps of 512 (1 000 epochs); sigma 0.1; 100 steps of Euler; eight Gaussians of standard deviation 1 at radius 5, scikit-learn's moons with noise 0.05 at\n" +
			"twice their size (the authors' runner).",
		differs: "SiLU in the place of SELU, no weight decay (theirs is 1e-5); data are centred and brought to root mean square 1, so that the source is 3.7 times as wide as theirs beside the Gaussians and 1.4 times beside the moons; batches of\n" +
			"OT-CFM are 128 and not 512, whose pairing takes 53 ms a step. Not run: sources that are no Gaussian (moons → 8 Gaussians), the S-curve, and the path energy, which no command measures.",
		why: "two samples of 1 000 points of the true eight Gaussians are 0.32 ± 0.10 apart (worked out in scipy, five pairs), and ours lie there, with and without transport; fresh draws of the truth score 0.29 beside the Gaussians\n" +
			"and 0.05 beside the moons in the same runs. At this size and sample no model can do better, and the published figures are four to eight times as large. Data and lengths are those of the authors' runner (read there: radius\n" +
			"5, standard deviation 1, 1 000 points of test), whose measure called 2-Wasserstein is the root and not the square: without squaring ours are 0.54 and 0.58 beside the Gaussians, 0.21 and 0.21 beside the moons, where the\n" +
			"published ones would agree for moons and not for Gaussians. Which of the two the table has, the public code does not tell.",
		seen: "set-up in the authors' repository (atong01/conditional-flow-matching). The distances are given from memory: the paper was not at hand. The path energies that belong to these rows, 0.222 and 0.018, are those\n" +
			"quoted from the table by others.",
		figures: []paperFigure{
			row("I-CFM", "8 Gaussians", "1.284 ± 0.384", 1.284, 0.384, "i-cfm", "ring", 1),
			row("OT-CFM", "8 Gaussians", "1.262 ± 0.348", 1.262, 0.348, "ot-cfm", "ring", 1),
			row("I-CFM", "moons", "0.338 ± 0.109", 0.338, 0.109, "i-cfm", "moons", 2),
			row("OT-CFM", "moons", "0.239 ± 0.048", 0.239, 0.048, "ot-cfm", "moons", 2),
		}}
}

func seqganOracle() paperTable {
	return paperTable{title: "SeqGAN: likelihood by the oracle", source: "yu2017", where: "Table 1", suite: "papers-seqgan",
		setup:   "5 000 tokens, sentences of 20, an oracle of 32 units whose weights are standard normal; NLL_oracle in nats a token.",
		differs: "The paper has one language, which its authors keep in a file; ours are drawn anew, by the law that the paper states; three of the suite's five were run. 1 000 sentences of 20 tokens are judged, in the paper 10 000. Random is our generator before its first step.",
		why: "the figure is not what the authors' own language says of random sentences. Its weights are in their repository, standard normal as stated (standard deviations 0.97 to 1.04): under it, worked out in numpy, sentences\n" +
			"of uniformly drawn tokens have 11.42 nats a token, those of an untrained generator whose weights are N(0, 0.1^2), as in their code, 11.45, and its own 5.74. Languages that we draw have 11.13 to 11.27 and 5.89 to 5.98.\n" +
			"The log beside their code has 10.17 after the first epoch of maximum likelihood: 10.310 is between the untrained generator and that. What the row was taken of, neither paper nor code tells.",
		seen: "the table as others quote it; set-up in the authors' repository (LantaoYu/SeqGAN).",
		figures: []paperFigure{
			{what: "Random", printed: "10.310", value: 10.310, err: none, half: 0.0005, runs: 1, model: "noise", dataset: "oracle", metric: "nll_oracle"},
			{what: "MLE", printed: "9.038", value: 9.038, err: none, half: 0.0005, runs: 1,
				cost: &projection{[]part{{"seqgan-mle", 18720}}, 5, "120 epochs of 156 batches of 64"}},
			{what: "SeqGAN", printed: "8.736", value: 8.736, err: none, half: 0.0005, runs: 1,
				cost: &projection{[]part{{"seqgan-mle", 18720}, {"seqgan-round", 200}}, 5, "maximum likelihood as above and 200 rounds of 16 continuations, without the discriminator's 3 000 epochs"}},
		}}
}

func seqganLog() paperTable {
	row := func(epochs, printed string, value, half float64) paperFigure {
		return paperFigure{what: "NLL_oracle after epochs of maximum likelihood: " + epochs, printed: printed, value: value, err: none, half: half, runs: 1,
			model: "mle-" + epochs, dataset: "oracle", metric: "nll_oracle", left: "156 steps an epoch, of 0.07 s of one core each"}
	}
	return paperTable{title: "SeqGAN: the log beside the code", source: "yu2017", where: "no table of the paper: the log kept beside the code, its phase of maximum likelihood", suite: "papers-seqgan-log",
		setup: "The authors' own language (their file of the oracle's weights), 9 984 sentences of 20 tokens of it; embedding and state of 32; batches of 64; Adam at 0.01; NLL_oracle of sentences of the generator, after 1 and 16 epochs\n" +
			"of 156 steps. The log is of one run and has 24 such figures; the two were chosen for what they cost, before any run.",
		differs: "Weights start by Glorot's rule and not as N(0, 0.1^2); batches are drawn anew in every epoch, the authors' stay; gradients are not clipped at a norm of 5; 2 500 sentences are judged and not 9 984.",
		seen:    "the authors' repository (LantaoYu/SeqGAN), save/experiment-log.txt.",
		figures: []paperFigure{row("1", "10.1716", 10.1716, 0.00005), row("16", "9.11899", 9.11899, 0.000005)}}
}

func reluBias() paperTable {
	row := func(what, printed string, value float64, model string) paperFigure {
		return paperFigure{what: what, printed: printed, value: value, err: none, half: 0.05, runs: 1, model: model, dataset: "relu", metric: "fd"}
	}
	return paperTable{title: "The order that FID gets wrong", source: "binkowski2018", where: "the example on the bias of FID (appendix)", suite: measuresSuite,
		setup:   "P1 = relu(N(0, I)), P2 = relu(N(1, 0.8 S + 0.2 I)), Q = relu(N(1, I)) in 2 048 dimensions, S = 4/d C C' with C standard normal; 50 000 samples of P1 and P2, Q known exactly.",
		differs: "C is drawn anew for every run. The exact distance of P2 is that of its samples less `fd_bias`.",
		seen:    "from memory: the paper was not at hand. The closed form gives 1123.04 for the first, and about 1113.8 for the second with one draw of C.",
		figures: []paperFigure{
			row("P1, exact", "1123.0", 1123.0, "p1-exact"), row("P2, exact", "1114.8", 1114.8, "p2-corrected"),
			row("P1, 50 000 samples", "1133.7", 1133.7, "p1"), row("P2, 50 000 samples", "1136.2", 1136.2, "p2"),
		}}
}

func logitDigits() paperTable {
	row := func(what, printed string, value, err, half float64, model, metric string) paperFigure {
		return paperFigure{what: what, printed: printed, value: value, err: err, half: half, runs: 1, model: model, dataset: "mnist-logit", metric: metric}
	}
	trained := func(what, printed string) paperFigure {
		return paperFigure{what: what + ", nats", printed: printed, value: none, err: none, left: "networks of one or two layers of 1 024 units, until 30 epochs bring nothing: no step of it was timed"}
	}
	return paperTable{title: "MNIST in logit space: the baselines of MAF", source: "papamakarios2017", where: "the table of MNIST and CIFAR-10, and its twin in bits a pixel", suite: measuresSuite,
		setup: "Pixels k = 0 ... 255 become logit(a + (1 - 2a) (k + u) / 256) with u uniform on [0, 1) and a = 1e-6; normal distributions with the mean and the covariance of the first 50 000 training images (`gaussian-fit`), and\n" +
			"ten of them, one of each digit's images, mixed in equal parts; mean log-likelihood of the 10 000 test images in nats, and in bits a pixel of images on [0, 1] and eight bits (the authors' code).",
		differs: "u is drawn anew for every run. `gaussian-fit` adds a millionth of the mean variance to the diagonal of the covariance. The models of the table that train were not run.",
		seen: "set-up in the authors' repository (gpapamak/maf). The figures are given from memory, because no print was at hand; three rows beside them (MADE, Real NVP, MAF) are those that others quote. The table was committed\n" +
			"before its run.",
		figures: []paperFigure{
			row("Gaussian, nats", "-1366.9 ± 1.4", -1366.9, 1.4, 0.05, "gaussian-fit", "log_likelihood"),
			row("Gaussian of each digit, nats", "-1344.7 ± 1.8", -1344.7, 1.8, 0.05, "gaussian-fit-by-digit", "log_likelihood"),
			row("Gaussian, bits a pixel", "2.01 ± 0.01", 2.01, 0.01, 0.005, "gaussian-fit", "bits_per_pixel"),
			row("Gaussian of each digit, bits a pixel", "1.97 ± 0.01", 1.97, 0.01, 0.005, "gaussian-fit-by-digit", "bits_per_pixel"),
			trained("Real NVP (5)", "-1323.2 ± 6.6"), trained("MAF (5)", "-1300.5 ± 1.7"),
		}}
}

// always is the number of runs of a published figure that is an expectation.
const always = 1 << 40

func sameNormal() paperTable {
	row := func(name, printed string, value, half float64) paperFigure {
		return paperFigure{what: "expected " + name + ", k = 5, 10 000 rows a side", printed: printed, value: value, err: none, half: half, runs: always, model: name, dataset: "same-normal", metric: name}
	}
	return paperTable{title: "Density and coverage of one distribution", source: "naeem2020", where: "the expectations for equal distributions", suite: measuresSuite,
		setup:   "Two samples of 10 000 rows of one normal distribution, k = 5; the expectation is the paper's closed form, 1 for density and 1 - prod (N-i)/(N+M-i) for coverage, i = 1 ... k, whatever the distribution.",
		differs: "64 dimensions, three runs. This checks the measure against the paper's mathematics; there is no model in it, and less to get wrong than in the tables above.",
		seen:    "worked out from the closed form. The table was added late, when few of the tables above could be run; it was committed before its run.",
		figures: []paperFigure{row("density", "1.000", 1, 0), row("coverage", "0.969", 0.969, 0.0005)}}
}

func parzenDigits() paperTable {
	return paperTable{title: "What the data score as a model", source: "theis2016", where: "the table of Parzen window estimates on MNIST", suite: measuresSuite,
		setup:   "10 000 training images are taken for samples; Gaussian windows whose width is chosen on 10 000 other training images among ten from 0.1 to 1; mean log-density of the 10 000 test images, in nats.",
		differs: "Three parts of the training images in the place of one. The grid of widths is that of the script of the adversarial nets, whose figures stand in the same table; the paper was not at hand to say whether it is its own.",
		seen:    "from memory: the paper was not at hand.",
		figures: []paperFigure{
			{what: "true distribution", printed: "243", value: 243, err: none, half: 0.5, runs: 1, model: "true-distribution", dataset: "mnist", metric: "parzen"},
			{what: "k-means", printed: "313", value: 313, err: none, half: 0.5, runs: 1, left: "there is no k-means of 10 000 centres of images here"},
		}}
}

// packedRing, importanceWeighted and gradientPenaltyToys are out of reach: what they would take is told.
func packedRing() paperTable {
	row := func(name, printed, rate string) paperFigure {
		return paperFigure{what: "ring, " + name + ": modes, high quality %, reverse KL", printed: printed, value: none, err: none,
			cost: &projection{[]part{{rate, 400_000}}, 3, "400 000 steps"}}
	}
	return paperTable{title: "PacGAN: the ring", source: "lin2018", where: "Table 1", suite: "modes-full",
		setup:   "all of it: the suite `modes-full` has the authors' networks, rates, batches and length.",
		differs: "nothing that is known of.",
		seen:    "the tables in the authors' repository (fjxmlzn/PacGAN).",
		figures: []paperFigure{row("GAN", "6.3 ± 0.5, 98.2 ± 0.2, 0.45 ± 0.09", "pacgan-1"), row("PacGAN2", "7.9 ± 0.1, 95.6 ± 2.0, 0.07 ± 0.03", "pacgan-2")}}
}

func importanceWeighted() paperTable {
	row := func(k, vae, iwae, rate string) paperFigure {
		return paperFigure{what: "one stochastic layer, k = " + k + ": -log p of VAE, IWAE in nats", printed: vae + ", " + iwae, value: none, err: none,
			cost: &projection{[]part{{rate, 3280 * 3000}}, 1, "3 280 epochs of 3 000 batches of 20"}}
	}
	return paperTable{title: "IWAE: MNIST", source: "burda2016", where: "Table 1", suite: ratesSuite,
		setup:   "nothing was trained. The timed networks have the paper's sizes: two layers of 200 each way, 50 values of z, batches of 20.",
		differs: "The zoo has no digits made binary anew for each epoch, no tanh networks on images and no falling rate; the rate is that of the same sizes on rows of 784 numbers.",
		seen:    "as they are commonly quoted.",
		figures: []paperFigure{row("1", "86.76", "86.76", "iwae-1"), row("5", "86.47", "85.54", "iwae-5"), row("50", "86.35", "84.78", "iwae-50")}}
}

func gradientPenaltyToys() paperTable {
	return paperTable{title: "WGAN-GP: toys", source: "gulrajani2017", where: "the figure of value surfaces", suite: ratesSuite,
		setup:   "nothing was trained.",
		differs: "The paper shows surfaces of the critic's value on 8 Gaussians, 25 Gaussians and the Swiss roll and prints no figure; there is nothing to agree with.",
		seen:    "set-up in the authors' repository (igul222/improved_wgan_training).",
		figures: []paperFigure{{what: "8 Gaussians, critic's value", printed: "no figure", value: none, err: none,
			cost: &projection{[]part{{"wgan-gp", 100_000}}, 1, "100 000 steps of five critic updates, three layers of 512, batches of 256"}}}}
}
