package featurizer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/suggest"
)

// netFormat is the value of the metadata entry "format" of a network file: a safetensors file that also says which layers its tensors belong to.
// The other entries are JSON texts: "input" an object, "layers" a list of objects, and the names "features" and, where there is one, "logits".
const netFormat = "assay-net-1"

// Bounds of a network file. They are far above any encoder in use and keep a hostile file from taking the machine.
const (
	maxNetLayers = 4096
	maxNetText   = 4 << 20 // bytes of JSON
	maxNetSide   = 1 << 16 // of any size in a layer
	maxNetValues = 1 << 26 // of one layer for one image
	maxNetMACs   = 1 << 42 // multiply-adds for one image
)

// pair is one number for both directions, or [rows, columns].
type pair [2]int

// UnmarshalJSON reads 3 or [3, 3].
func (p *pair) UnmarshalJSON(b []byte) error {
	var one int
	if json.Unmarshal(b, &one) == nil {
		*p = pair{one, one}
		return nil
	}
	var two []int
	if err := json.Unmarshal(b, &two); err != nil || len(two) != 2 {
		return fmt.Errorf("%s is neither a number nor two", b)
	}
	*p = pair{two[0], two[1]}
	return nil
}

// layerSpec is one layer as the file tells it.
type layerSpec struct {
	Name     string   `json:"name"`
	Op       string   `json:"op"`
	In       []string `json:"in,omitempty"` // names of earlier layers or "input"; default: the layer before
	Stride   *pair    `json:"stride,omitempty"`
	Padding  *pair    `json:"padding,omitempty"`
	Size     *pair    `json:"size,omitempty"`
	Eps      *float64 `json:"eps,omitempty"`
	Slope    *float64 `json:"slope,omitempty"`
	Order    string   `json:"order,omitempty"`             // of flatten: chw or hwc
	CountPad *bool    `json:"count_include_pad,omitempty"` // of avgpool
}

// inputSpec is how a sample becomes the network's input.
type inputSpec struct {
	Shape     []int     `json:"shape"` // [height, width, channels], or [values] for a vector
	Range     []float64 `json:"range,omitempty"`
	Mean      []float64 `json:"mean,omitempty"`
	Std       []float64 `json:"std,omitempty"`
	Resampler string    `json:"resampler,omitempty"`
	Shorter   int       `json:"shorter,omitempty"`
	Quantiser string    `json:"quantiser,omitempty"`
}

// netSpec is a whole network without its numbers.
type netSpec struct {
	Input            inputSpec
	Layers           []layerSpec
	Features, Logits string
}

// netOps lists the operations and the fields that each one has beside name, op and in.
var netOps = map[string][]string{
	"conv": {"stride", "padding"}, "dense": nil, "batchnorm": {"eps"}, "layernorm": {"eps"},
	"maxpool": {"size", "stride", "padding"}, "avgpool": {"size", "stride", "padding", "count_include_pad"}, "globalavgpool": nil, "globalmaxpool": nil,
	"relu": nil, "leakyrelu": {"slope"}, "tanh": nil, "sigmoid": nil, "gelu": nil, "quickgelu": nil, "softmax": nil,
	"flatten": {"order"}, "concat": nil, "add": nil,
}

// parseNetSpec reads the metadata of a network file. Unknown fields and operations are refused by name.
func parseNetSpec(meta map[string]string) (netSpec, error) {
	var s netSpec
	if f := meta["format"]; f != netFormat {
		return s, fault.Of(ErrWeights, "metadata format is %q, want %q (docs/FEATURIZERS.md shows how to write one)", f, netFormat)
	}
	for key := range meta {
		if !slices.Contains([]string{"format", "input", "layers", "features", "logits", "title"}, key) {
			return s, fault.Of(ErrWeights, "metadata %q is unknown, have format input layers features logits title", key)
		}
	}
	if n := len(meta["input"]) + len(meta["layers"]); n > maxNetText {
		return s, fault.Of(ErrWeights, "metadata of %d bytes, at most %d", n, maxNetText)
	}
	d := json.NewDecoder(strings.NewReader(meta["input"]))
	d.DisallowUnknownFields()
	if err := d.Decode(&s.Input); err != nil {
		return s, fault.Of(ErrWeights, "metadata input: %w", err)
	}
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(meta["layers"]), &raw); err != nil {
		return s, fault.Of(ErrWeights, "metadata layers: %w", err)
	}
	if len(raw) < 1 || len(raw) > maxNetLayers {
		return s, fault.Of(ErrWeights, "%d layers, want 1 to %d", len(raw), maxNetLayers)
	}
	for i, r := range raw {
		l, err := parseLayer(r)
		if err != nil {
			return s, fault.Of(ErrWeights, "layer %d %q: %w", i, l.Name, err)
		}
		s.Layers = append(s.Layers, l)
	}
	if s.Features, s.Logits = meta["features"], meta["logits"]; s.Features == "" {
		return s, fault.Of(ErrWeights, "metadata features is missing: name the layer that gives them")
	}
	return s, nil
}

func parseLayer(r json.RawMessage) (layerSpec, error) {
	var l layerSpec
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(r, &fields); err != nil {
		return l, err
	}
	if err := json.Unmarshal(r, &l); err != nil {
		return l, err
	}
	allowed, ok := netOps[l.Op]
	if !ok {
		return l, suggest.Unknown("op", l.Op, slices.Sorted(maps.Keys(netOps)))
	}
	for name := range fields {
		if !slices.Contains(allowed, name) && name != "name" && name != "op" && name != "in" {
			return l, fmt.Errorf("%s has no field %q, have name op in %s", l.Op, name, strings.Join(allowed, " "))
		}
	}
	if l.Name == "" || l.Name == "input" || len(l.Name) > 200 {
		return l, fmt.Errorf("a layer needs a name other than input, of at most 200 characters")
	}
	for _, p := range []*pair{l.Stride, l.Padding, l.Size} {
		if p != nil && (p[0] < 0 || p[1] < 0 || p[0] > maxNetSide || p[1] > maxNetSide) {
			return l, fmt.Errorf("sizes are 0 to %d, not %v", maxNetSide, *p)
		}
	}
	if l.Eps != nil && !(*l.Eps >= 0 && *l.Eps <= 1) {
		return l, fmt.Errorf("eps is 0 to 1, not %v", *l.Eps)
	}
	return l, nil
}

// prep turns the input's description into a preparation; nil for vectors.
func (s inputSpec) prep() (*fitter, imaging.Quantiser, error) {
	bad := func(format string, args ...any) (*fitter, imaging.Quantiser, error) {
		return nil, "", fmt.Errorf("input: "+format+": %w", append(args, ErrWeights)...)
	}
	for _, d := range s.Shape {
		if d < 1 || d > maxNetSide {
			return bad("shape %v: sizes are 1 to %d", s.Shape, maxNetSide)
		}
	}
	if len(s.Shape) == 1 {
		if s.Range != nil || s.Mean != nil || s.Std != nil || s.Resampler != "" || s.Shorter != 0 || s.Quantiser != "" {
			return bad("a vector has a shape alone")
		}
		return nil, "", nil
	}
	if len(s.Shape) != 3 || s.Shape[2] != 1 && s.Shape[2] != 3 || s.Shape[0]*s.Shape[1] > maxNetValues/3 {
		return bad("shape %v, want [height, width, channels] with 1 or 3 channels, or [values]", s.Shape)
	}
	c := s.Shape[2]
	p := imagePrep{resampler: imaging.Resampler(s.Resampler), h: s.Shape[0], w: s.Shape[1], c: c, short: s.Shorter, mean: s.Mean, std: s.Std}
	switch {
	case s.Range != nil && s.Mean == nil && s.Std == nil:
		if len(s.Range) != 2 || !(s.Range[1] > s.Range[0]) {
			return bad("range %v, want [low, high]", s.Range)
		}
		lo, d := s.Range[0], s.Range[1]-s.Range[0]
		for range c {
			p.mean, p.std = append(p.mean, -lo/d), append(p.std, 1/d)
		}
	case s.Range == nil && len(s.Mean) == c && len(s.Std) == c:
	default:
		return bad("want range, or mean and std of %d values each", c)
	}
	for i := range c {
		if m, d := p.mean[i], p.std[i]; !(m > -1e6 && m < 1e6 && d > 1e-6 && d < 1e6) {
			return bad("mean %v, std %v: out of bounds", m, d)
		}
	}
	if !slices.Contains(imaging.Resamplers(), p.resampler) {
		return bad("resampler %q, have %v", s.Resampler, imaging.Resamplers())
	}
	if s.Shorter != 0 && (s.Shorter < max(p.h, p.w) || s.Shorter > maxNetSide) {
		return bad("shorter %d is below the shape %v", s.Shorter, s.Shape)
	}
	rule := imaging.Quantiser(s.Quantiser)
	if s.Quantiser == "" {
		rule = imaging.RoundHalfUp
	}
	if !slices.Contains(imaging.Quantisers(), rule) {
		return bad("quantiser %q, have %v", s.Quantiser, imaging.Quantisers())
	}
	return &fitter{imagePrep: p}, rule, nil
}
