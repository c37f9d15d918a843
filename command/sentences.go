package command

import (
	"fmt"
	"io"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/runners"
)

// writeSentences writes samples as text, one a line.
func writeSentences(w io.Writer, s *datasets.Samples, words *datasets.Vocabulary) error {
	for i := range s.Len() {
		if _, err := fmt.Fprintln(w, words.Text(s.Row(i))); err != nil {
			return err
		}
	}
	return nil
}

// sentenceWalk is the sentences along one walk through the latent space.
type sentenceWalk struct {
	Walk      string   `json:"walk"`
	Sentences []string `json:"sentences"`
}

// showSentences prints what a model of sentences says along walks: distances of token numbers would mean nothing.
func (a *app) showSentences(m *runners.Model, f latentFlags, walks []walk) error {
	all := &datasets.Samples{Shape: walks[0].samples.Shape}
	var found []sentenceWalk
	var rows [][]string
	for _, w := range walks {
		all.Data = append(all.Data, w.samples.Data...)
		s := sentenceWalk{Walk: w.name}
		for i := range w.samples.Len() {
			s.Sentences = append(s.Sentences, m.Set.Vocabulary.Text(w.samples.Row(i)))
			rows = append(rows, []string{w.name, fmt.Sprint(i), s.Sentences[i]})
		}
		found = append(found, s)
	}
	if f.out != "" {
		if err := saveSamples(all, nil, m.Set.Vocabulary, f.out); err != nil {
			return err
		}
	}
	return a.show(f.format, table("latent", m.Cell.Title(), []string{"walk", "stop", "sentence"}, rows), found)
}
