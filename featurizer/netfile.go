package featurizer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// netPrefix marks a network file in Open.
const netPrefix = "net:"

func netMaker() Maker {
	return Maker{
		Name: "net", Usage: "net:FILE", Title: "your own network: a safetensors file that also lists its layers (docs/FEATURIZERS.md)", Needs: "Weights: the network file",
		Open: func(_ context.Context, s Spec, env Env) (Featurizer, error) {
			if err := s.args(0, 1, "net:FILE"); err != nil {
				return nil, err
			}
			if env.Weights == "" {
				return nil, fmt.Errorf("featurizer net: no file: write net:FILE, or give it by Env.Weights")
			}
			f, err := OpenNet(env.Weights)
			if err == nil && len(s.Args) == 1 && f.ID() != s.String() {
				return nil, fault.Of(ErrWeights, "featurizer %s: %s is %s, another file", s, env.Weights, f.ID())
			}
			return f, err
		},
	}
}

// OpenNet makes a featurizer of a network file: safetensors whose metadata holds the layers. The id is net(HASH), with the first eight digits of the
// file's sha256; the fingerprint has sixteen, so any change of weights, layers or input preparation is another featurizer. Errors wrap
// ErrWeights and name the layer.
func OpenNet(path string) (Featurizer, error) {
	data, err := inputfile.Read(path, tensorfile.MaxBytes)
	if err != nil {
		return nil, err
	}
	f, err := netOf(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func netOf(data []byte) (*batchNet, error) {
	w, err := parseSafetensors(data)
	if err != nil {
		return nil, err
	}
	meta, err := safeMetadata(data)
	if err != nil {
		return nil, err
	}
	spec, err := parseNetSpec(meta)
	if err != nil {
		return nil, err
	}
	f := &batchNet{}
	if f.prep, f.rule, err = spec.Input.prep(); err != nil {
		return nil, err
	}
	from := fileTensors{w, map[string]bool{}}
	net, err := buildNet(spec, from)
	if err != nil {
		return nil, fault.Of(ErrWeights, "%w", err)
	}
	if name := from.unused(); name != "" {
		return nil, fault.Of(ErrWeights, "tensor %q belongs to no layer", name)
	}
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	f.id, f.hash = "net("+hash[:8]+")", hash[:16]
	f.attach(net)
	return f, nil
}

// attach makes a network of layers the one that f runs.
func (f *batchNet) attach(net *layerNet) {
	in := net.ops[0]
	f.size, f.dim, f.batch, f.forward = in.h*in.w*in.c, net.ops[net.features].c, net.netBatch(), net.forward
	if net.logits >= 0 {
		f.classes = net.ops[net.logits].c
	}
}

// safeMetadata is the text that a safetensors file carries beside its tensors. The file has been parsed before.
func safeMetadata(data []byte) (map[string]string, error) {
	var head struct {
		Meta map[string]string `json:"__metadata__"`
	}
	size := binary.LittleEndian.Uint64(data)
	if err := json.Unmarshal(data[8:8+size], &head); err != nil {
		return nil, fmt.Errorf("safetensors metadata: %w: %w", ErrWeights, err)
	}
	if len(head.Meta) == 0 {
		return nil, fault.Of(ErrWeights, "safetensors without metadata: the layers are not in it (docs/FEATURIZERS.md shows how to write them)")
	}
	return head.Meta, nil
}
