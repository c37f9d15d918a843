package main

import "math"

// paperTable is a published table with what is set as in the paper, and what is not.
type paperTable struct {
	title, source, where string // source is a citation's label
	suite                string // the embedded suite whose records are ours
	setup                string // the paper's set-up, as run here
	differs              string // what is ours and not the paper's
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
	cost                   *projection           // where it is not run
}

// projection is the cost of a row that was not run: the steps of the paper, times what a step was measured to take in the suite papers-rates.
type projection struct {
	short, long string // names of two runs of the suite of rates that differ in their length alone
	dataset     string
	steps       float64
	runs        float64
	why         string
}

var none = math.NaN()

// theRule decides what the page says of a figure. It was written, with every published figure below, before the first run.
const theRule = "The rule, written before the first run: `m` is the mean of our runs, `c` half the width of its 95 % interval (Student's t over runs). Where the paper gives an error of its figure, `c = t s / √n`\n" +
	"and the paper's error is added as it is printed. Where it gives none, the figure is taken for the mean of the number of runs that the paper states, one where it states none, with our spread:\n" +
	"`c = t s √(1/n + 1/runs)`. A figure **agrees** when it lies within `c`, the paper's error and half a unit of its last printed digit of `m`; else it **differs**. It is **undecided** when it lies within, but\n" +
	"`c` is wider than both the paper's error and a quarter of the figure: too few runs to say. One run of ours has no interval, `c = 0`. A table agrees when all its figures that were run agree.\n" +
	"Nothing was tuned after a look at a result, and no figure was left out."

func squared(scale float64) func(float64) float64 {
	return func(v float64) float64 { return scale * scale * v * v }
}

func percent(v float64) float64 { return 100 * v }

// paperTables lists the tables in the page's order.
func paperTables() []paperTable {
	return []paperTable{unrolledRing(), veeganToys(), flowMatchingPlane(), seqganOracle()}
}

func unrolledRing() paperTable {
	row := func(k, printed string, value float64) paperFigure {
		return paperFigure{what: k + " steps of unrolling, modes covered at the end", printed: printed, value: value, err: none, half: 0.5, runs: 1,
			model: "unrolled-" + k, dataset: "ring", metric: "modes"}
	}
	return paperTable{title: "Unrolled GAN: the ring", source: "metz2017", where: "the figure of the two-dimensional ring", suite: "papers-unrolled",
		setup: "Eight Gaussians on a ring of radius 2, standard deviation 0.02; batches of 512; G and D of two layers of 128; z of 256 values; Adam, 1e-3 for G and 1e-4 for D, beta1 0.5; 25 000 steps (the authors' notebook).",
		differs: "The paper shows heat maps, no numbers: with no unrolling the samples rotate from mode to mode, one at a time; with 10 steps they spread over all eight and stay. Ours is counted: a mode is covered by one of\n" +
			"2 500 samples within three standard deviations. The steps ahead are plain gradient descent, not Adam's, at ten times D's rate; ReLU and leaky ReLU in the place of tanh; Glorot's weights in the place of orthogonal ones; a\n" +
			"fixed set of 100 000 points in the place of a stream; points are brought to root mean square 1.",
		figures: []paperFigure{row("0", "1 (picture)", 1), row("5", "no figure", none), row("10", "8 (picture)", 8)}}
}

func veeganToys() paperTable {
	t := paperTable{title: "VEEGAN: ring and grid", source: "srivastava2017", where: "Table 1", suite: "papers-veegan",
		setup: "2 500 samples; a sample is of high quality within three standard deviations of a mode, a mode is captured by one such sample; five runs; G and D of two layers of 128; ring of 8 (standard deviation 0.01), grid of 25 (0.05).",
		differs: "The public code has neither ring nor grid, and the paper gives no optimiser, batch or length for them. Ours: z of 2 values as in PacGAN's copy of the experiment, batches of 128, 10 000 steps of Adam at 1e-3, beta1 0.5,\n" +
			"which is the zoo's preset `paper`."}
	for _, set := range []struct {
		name string
		rows [4][2]float64 // modes, high quality in percent: GAN, ALI, Unrolled, VEEGAN
		text [4][2]string
	}{
		{"ring", [4][2]float64{{1, 99.3}, {2.8, 0.13}, {7.6, 35.6}, {8, 52.9}}, [4][2]string{{"1", "99.3"}, {"2.8", "0.13"}, {"7.6", "35.6"}, {"8", "52.9"}}},
		{"grid", [4][2]float64{{3.3, 0.5}, {15.8, 1.6}, {23.6, 16}, {24.6, 40}}, [4][2]string{{"3.3", "0.5"}, {"15.8", "1.6"}, {"23.6", "16"}, {"24.6", "40"}}},
	} {
		for i, m := range [4][2]string{{"GAN", "gan-ns"}, {"ALI", "ali"}, {"Unrolled GAN", "unrolled"}, {"VEEGAN", "veegan"}} {
			for j, value := range [2]struct {
				name, metric string
				scale        func(float64) float64
			}{{"modes", "modes", nil}, {"high quality %", "hq", percent}} {
				t.figures = append(t.figures, paperFigure{what: set.name + ", " + m[0] + ", " + value.name, printed: set.text[i][j], value: set.rows[i][j], err: none, half: lastDigit(set.text[i][j]), runs: 5,
					model: m[1], dataset: set.name, metric: value.metric, scale: value.scale})
			}
		}
	}
	return t
}

func flowMatchingPlane() paperTable {
	row := func(method, target, printed string, value, err float64, model, set string, unit float64) paperFigure {
		return paperFigure{what: method + ", N → " + target + ", squared 2-Wasserstein distance", printed: printed, value: value, err: err, half: 0.0005, runs: 5,
			model: model, dataset: set, metric: "wasserstein", scale: squared(unit), worst: math.Inf(1)}
	}
	return paperTable{title: "Conditional flow matching in the plane", source: "tong2024", where: "Table 2", suite: "papers-cfm",
		setup: "10 000 points, 1 000 of test, five runs; three layers of 64; Adam at 1e-3; 20 000 steps of 512 (1 000 epochs); sigma 0.1; 100 steps of Euler; eight Gaussians of standard deviation 1 at radius 5, scikit-learn's moons with noise 0.05 at\n" +
			"twice their size (the authors' runner).",
		differs: "SiLU in the place of SELU, no weight decay (theirs is 1e-5); data are centred and brought to root mean square 1, so that the source is 3.7 times as wide as theirs beside the Gaussians and 1.4 times beside the moons; batches of\n" +
			"OT-CFM are 128 and not 512, whose pairing alone is 18 minutes a run. Not run: sources that are no Gaussian (moons → 8 Gaussians), the S-curve, and the path energy, which no command measures.",
		figures: []paperFigure{
			row("I-CFM", "8 Gaussians", "1.284 ± 0.384", 1.284, 0.384, "i-cfm", "ring", 1),
			row("OT-CFM", "8 Gaussians", "1.262 ± 0.348", 1.262, 0.348, "ot-cfm", "ring", 1),
			row("I-CFM", "moons", "0.338 ± 0.109", 0.338, 0.109, "i-cfm", "moons", 2),
			row("OT-CFM", "moons", "0.239 ± 0.048", 0.239, 0.048, "ot-cfm", "moons", 2),
		}}
}

func seqganOracle() paperTable {
	return paperTable{title: "SeqGAN: the oracle's likelihood", source: "yu2017", where: "Table 1", suite: "papers-seqgan",
		setup:   "5 000 tokens, sentences of 20, an oracle of 32 units whose weights are standard normal, 10 000 sentences; NLL_oracle in nats a token.",
		differs: "The paper has one language, which its authors keep in a file; ours are five, drawn by the same law. Random is our generator before its first step.",
		figures: []paperFigure{
			{what: "Random", printed: "10.310", value: 10.310, err: none, half: 0.0005, runs: 1, model: "noise", dataset: "oracle", metric: "nll_oracle"},
			{what: "MLE", printed: "9.038", value: 9.038, err: none, half: 0.0005, runs: 1,
				cost: &projection{short: "seqgan-mle-20", long: "seqgan-mle-60", dataset: "oracle", steps: 18720, runs: 5, why: "120 epochs of 156 batches of 64"}},
			{what: "SeqGAN", printed: "8.736", value: 8.736, err: none, half: 0.0005, runs: 1,
				cost: &projection{short: "seqgan-20", long: "seqgan-22", dataset: "oracle", steps: 200, runs: 5, why: "MLE's cost and 200 rounds with 16 continuations; its discriminator's epochs are not counted"}},
		}}
}
