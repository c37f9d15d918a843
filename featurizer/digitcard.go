package featurizer

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/assay-gan/assay/internal/atomicfile"
)

// Card says how a digit classifier was trained and how well it does; it lies beside the weights as JSON.
type Card struct {
	Accuracy    float64 `json:"accuracy"` // on the test images, with the weights as stored
	TestImages  int     `json:"test_images"`
	TrainImages int     `json:"train_images"`
	TestHash    string  `json:"test_hash"` // sha256 of the sets' content
	TrainHash   string  `json:"train_hash"`
	Seed        uint64  `json:"seed"`
	Steps       int     `json:"steps"`
	Batch       int     `json:"batch"`
	Rate        float64 `json:"rate"`
	Shift       int     `json:"shift"`
}

// CardOf describes a finished training.
func CardOf(d DigitTraining, accuracy float64) Card {
	return Card{
		Accuracy: accuracy, TestImages: d.Test.Len(), TrainImages: d.Train.Len(), TestHash: d.Test.Hash(), TrainHash: d.Train.Hash(),
		Seed: d.Seed, Steps: d.Steps, Batch: d.Batch, Rate: d.Rate, Shift: d.Shift,
	}
}

// saveDigitNet writes PATH as float16 safetensors and its card beside it as JSON, the card first: weights are never without one.
func saveDigitNet(path string, w Weights, c Card) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	card := strings.TrimSuffix(path, ".safetensors") + ".json"
	if err := atomicfile.WriteBytes(card, append(text, '\n')); err != nil {
		return err
	}
	return atomicfile.Write(path, func(out io.Writer) error { return w.WriteSafetensors(out, true) })
}

// Save writes the trained weights as float16 safetensors to path, with the card beside them.
func (c Card) Save(path string, w Weights) error { return saveDigitNet(path, w, c) }
