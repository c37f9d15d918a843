package datasets

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/fault"
)

// ErrShape is wrapped by every error about samples whose parts do not fit together.
var ErrShape = errors.New("shapes do not fit")

// Samples is N samples of one shape, row after row: the currency between data sets, models and featurizers.
//
// Points have Shape {D} and their own units. Images have Shape {H, W, C}, channels last, values in [-1, 1]. Labels is nil or holds one class
// index per sample. Samples are read-only once built: the content hash is computed from them and caches rely on it.
type Samples struct {
	Shape  []int
	Data   []float32
	Labels []int
}

// NewSamples checks that data is a whole number of rows of the shape, that every value is finite and that there is a label for each row (or none).
func NewSamples(shape []int, data []float32, labels []int) (*Samples, error) {
	s := &Samples{Shape: slices.Clone(shape), Data: data, Labels: labels}
	d := s.Dim()
	if len(shape) != 1 && len(shape) != 3 || d < 1 {
		return nil, fault.Of(ErrShape, "samples of shape %v: want {D} for points or {H, W, C} for images", shape)
	}
	if len(data)%d != 0 {
		return nil, fault.Of(ErrShape, "samples of shape %v: %d numbers are not whole rows of %d", shape, len(data), d)
	}
	if labels != nil && len(labels) != s.Len() {
		return nil, fault.Of(ErrShape, "%d labels for %d samples", len(labels), s.Len())
	}
	for i, v := range data {
		if v-v != 0 {
			return nil, fmt.Errorf("sample %d: value %d is %v", i/d, i%d, v)
		}
	}
	return s, nil
}

// Len is the number of samples.
func (s *Samples) Len() int {
	if d := s.Dim(); d > 0 {
		return len(s.Data) / d
	}
	return 0
}

// Dim is the number of values in one sample.
func (s *Samples) Dim() int {
	d := 1
	for _, v := range s.Shape {
		if v < 1 || d > math.MaxInt32 {
			return 0
		}
		d *= v
	}
	if len(s.Shape) == 0 {
		return 0
	}
	return d
}

// IsImage says whether the samples are H x W x C images rather than points.
func (s *Samples) IsImage() bool { return len(s.Shape) == 3 }

// Row is sample i, a slice into Data.
func (s *Samples) Row(i int) []float32 {
	d := s.Dim()
	return s.Data[i*d : (i+1)*d : (i+1)*d]
}

// Label is the class of sample i, or -1 where the samples carry none.
func (s *Samples) Label(i int) int {
	if s.Labels == nil {
		return -1
	}
	return s.Labels[i]
}

// Slice is the samples lo..hi-1, sharing the storage.
func (s *Samples) Slice(lo, hi int) *Samples {
	d := s.Dim()
	r := &Samples{Shape: s.Shape, Data: s.Data[lo*d : hi*d : hi*d]}
	if s.Labels != nil {
		r.Labels = s.Labels[lo:hi:hi]
	}
	return r
}

// Select copies the samples of the given indices, in that order.
func (s *Samples) Select(index []int) *Samples {
	d := s.Dim()
	r := &Samples{Shape: s.Shape, Data: make([]float32, 0, len(index)*d)}
	if s.Labels != nil {
		r.Labels = make([]int, 0, len(index))
	}
	for _, i := range index {
		r.Data = append(r.Data, s.Row(i)...)
		if s.Labels != nil {
			r.Labels = append(r.Labels, s.Labels[i])
		}
	}
	return r
}

// Hash is the sha256 of shape, values and labels, in hexadecimal: the samples' name in caches and records.
func (s *Samples) Hash() string {
	h := sha256.New()
	buf := make([]byte, 0, 1<<16)
	flush := func() { h.Write(buf); buf = buf[:0] }
	buf = fmt.Appendf(buf, "assay samples 1 %v %d %t\n", s.Shape, s.Len(), s.Labels != nil)
	for _, v := range s.Data {
		if len(buf)+4 > cap(buf) {
			flush()
		}
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
	}
	for _, v := range s.Labels {
		if len(buf)+8 > cap(buf) {
			flush()
		}
		buf = binary.LittleEndian.AppendUint64(buf, uint64(v))
	}
	flush()
	return hex.EncodeToString(h.Sum(nil))
}
