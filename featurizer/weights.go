package featurizer

import (
	"errors"
)

// ErrWeights is wrapped by every error about a weights file.
var ErrWeights = errors.New("weights not usable")

// Tensor is one named array of a weights file.
type Tensor struct {
	Shape []int
	Data  []float32
}

// Weights are the tensors of a file by name.
type Weights map[string]Tensor

// PublicInception is the name under which the FID network's weights are published; its last part begins the file's sha256.
const PublicInception = "pt_inception-2015-12-05-6726825d.pth"
