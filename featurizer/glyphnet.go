package featurizer

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/tensorfile"
)

//go:embed weights
var embedded embed.FS

const glyphnetFile = "weights/glyphnet.safetensors"

func glyphnetMaker() Maker {
	return Maker{
		Name: "glyphnet", Classifies: "glyphs", Usage: "glyphnet", Title: "64 features and 10 classes of an embedded Inception-style classifier trained on glyphs (28 x 28 x 1)",
		Paper: "szegedy2016", Trial: "glyphnet",
		Open: func(_ context.Context, s Spec, _ Env) (Featurizer, error) {
			if err := s.args(0, 0, "glyphnet"); err != nil {
				return nil, err
			}
			data, err := embedded.ReadFile(glyphnetFile)
			if err != nil {
				return nil, fault.Of(ErrWeights, "glyphnet: the weights are not embedded: run make glyphnet")
			}
			return pinned("glyphnet", data, glyphnetSHA256)
		},
	}
}

// pinned makes a digit network of a safetensors file whose sha256 must be the given one.
func pinned(id string, data []byte, want string) (Featurizer, error) {
	sum := sha256.Sum256(data)
	got := hex.EncodeToString(sum[:])
	if want != "" && got != want {
		return nil, fault.Of(ErrWeights, "%s: the weights' sha256 is %s, want %s", id, got, want)
	}
	w, err := parseSafetensors(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	return newDigitNet(id, got[:16], w)
}

// GlyphNetTraining is how the embedded weights are made: 60 000 glyphs of their own seed, accuracy on 10 000 others.
func GlyphNetTraining(ctx context.Context) (DigitTraining, error) {
	const seed = 2015
	set, err := datasets.Glyphs{}.Load(ctx, datasets.Options{Seed: seed, Train: 60_000, Test: 10_000, Hold: 1})
	if err != nil {
		return DigitTraining{}, err
	}
	return DigitTraining{Train: set.Train, Test: set.Test, Seed: seed, Steps: 1000, Batch: 100, Rate: 3e-3, Shift: 1}, nil
}

// mnistRecipe names the training below in the cache: change it together with the training.
const mnistRecipe = "mnistnet-1"

func mnistnetMaker() Maker {
	return Maker{
		Name: "mnistnet", Classifies: "mnist", Usage: "mnistnet", Title: "the same classifier trained here on the MNIST files and cached (28 x 28 x 1)", Needs: "DataDir with the MNIST files",
		Paper: "szegedy2016", Open: openMNISTNet,
	}
}

// openMNISTNet trains the digit classifier on MNIST's training images, or takes the cached weights of the same data and recipe.
func openMNISTNet(ctx context.Context, s Spec, env Env) (Featurizer, error) {
	if err := s.args(0, 0, "mnistnet"); err != nil {
		return nil, err
	}
	set, err := datasets.MNIST{}.Load(ctx, datasets.Options{Dir: env.DataDir})
	if err != nil {
		return nil, fmt.Errorf("mnistnet: %w", err)
	}
	dir, err := env.CachePath()
	if errors.Is(err, ErrNoCache) { // it is trained for this once
		if dir, err = os.MkdirTemp("", "assay-mnistnet-"); err == nil {
			defer func() { _ = os.RemoveAll(dir) }()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("mnistnet: %w", err)
	}
	path := filepath.Join(dir, mnistRecipe+"-"+set.Train.Hash()[:16]+".safetensors")
	if kept, readErr := inputfile.Read(path, tensorfile.MaxBytes); readErr == nil {
		if net, netErr := pinned("mnistnet", kept, ""); netErr == nil {
			return net, nil
		}
		// A damaged file is trained anew and replaced.
	}
	training := DigitTraining{Train: set.Train, Test: set.Test, Seed: 1998, Steps: 2400, Batch: 100, Rate: 3e-3, Shift: 2}
	w, accuracy, err := training.Run(ctx, func(share float64) { env.progress("training mnistnet", share) })
	if err != nil {
		return nil, fmt.Errorf("mnistnet: %w", err)
	}
	if err = os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("mnistnet: cache: %w", err)
	}
	if err = saveDigitNet(path, w, CardOf(training, accuracy)); err != nil {
		return nil, fmt.Errorf("mnistnet: cache: %w", err)
	}
	data, err := inputfile.Read(path, tensorfile.MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("mnistnet: cache: %w", err)
	}
	return pinned("mnistnet", data, "")
}
