package featurizer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/tensorfile"
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

// namedHash is the convention that a weights file's name ends in the first eight digits of its sha256.
var namedHash = regexp.MustCompile(`-([0-9a-f]{8})\.[a-z0-9]+$`)

// LoadWeights reads a PyTorch state dictionary (.pth, zip or legacy), a safetensors file or an npz archive, whichever the content shows, and
// returns the tensors and the file's sha256. Where the file's name ends in eight hexadecimal digits, the sha256 must begin with them. Nothing in a
// pickle is ever executed.
func LoadWeights(path string) (Weights, string, error) {
	data, err := inputfile.Read(path, tensorfile.MaxBytes)
	if err != nil {
		return nil, "", err
	}
	digest := sha256.Sum256(data)
	sum := hex.EncodeToString(digest[:])
	if m := namedHash.FindStringSubmatch(filepath.Base(path)); m != nil && m[1] != sum[:8] {
		return nil, "", fault.Of(ErrWeights, "%s: the sha256 begins with %s, the name says %s: truncated or altered, fetch it again", path, sum[:8], m[1])
	}
	w, err := parseWeights(data)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	return w, sum, nil
}

func parseWeights(data []byte) (Weights, error) {
	switch {
	case len(data) == 0:
		return nil, fault.Of(ErrWeights, "the file is empty")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return parseZipWeights(data)
	case isPickle(data):
		f, err := parseLegacyPTH(data)
		if err != nil {
			return nil, err
		}
		return f.weights()
	}
	return parseSafetensors(data)
}
