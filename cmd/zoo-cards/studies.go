package main

import (
	"fmt"
	"strings"
)

// study is a section of the page over models: what one suite's records say of the claims that are made in papers and lectures.
type study struct {
	suite, title string
	write        func(*book, *strings.Builder)
}

// allStudies lists them in the page's order. A study without records says so and nothing else.
func allStudies() []study {
	return []study{
		{"modes", "Modes of a ring and a grid", (*book).modesStudy},
		{"modes", "The same networks: VAE against the best GAN", (*book).sameNets},
		{"spread", "Spread over settings", (*book).spreadStudy},
		{"mnist20", "MNIST, 20 epochs of 50 000", imageStudy("mnist20", "The training length, batch and network proportions of the study [lucic2018] at 12 channels in the place of 64; one seed. "+
			"FD is the Fréchet distance in the features of a network trained on MNIST digits, and the column of the paper is FID in Inception features: the two scales have nothing to do with one another, only orders can be compared.")},
		{"conditional", "The digit asked for", (*book).conditionalStudy},
		{"translation", "What belongs together, and two right answers", (*book).translationStudy},
		{"sequences", "Sequences: what the adversarial phase adds", (*book).sequencesStudy},
		{"cifar10", "CIFAR-10, a thousand steps", imageStudy("cifar10", "Far from trained: these cards show that the models run on colour images and what a short run costs, no more.")},
	}
}

// studies is the page over models.
func (b *book) studies() string {
	var s strings.Builder
	s.WriteString("# Studies over models\n\n" + generated)
	s.WriteString("Every table is made from `docs/zoo/results`; the suites that made them are embedded (`assay list suites`) and run again by `make zoo-cards`. A claim is stated\n" +
		"before its test: the test and its threshold are part of the program that writes this page. Values are means ± standard errors over seeds unless a table says\notherwise. " +
		"Processor time of runs before December 2026 is that of the last sitting alone, where one was interrupted and went on.\n\n")
	for _, t := range allStudies() {
		fmt.Fprintf(&s, "## %s\n\n", t.title)
		if len(b.suites[t.suite]) == 0 {
			fmt.Fprintf(&s, "Not measured: there is no recorded run of the suite `%s`.\n\n", t.suite)
			continue
		}
		t.write(b, &s)
	}
	s.WriteString("[All models](README.md)\n")
	return s.String()
}
