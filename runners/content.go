package runners

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Content names a side by what it holds, in hexadecimal: images by imaging.Content's hash, which a folder, its archives and the array of its bytes share; float
// images by datasets.Samples' hash; features and statistics by their numbers in their order. Images that cannot be used take no part. Images are decoded for it
// unless they were featurized before. The error is that of a cancelled context, or that no image can be used.
func (s *Side) Content(ctx context.Context) (string, error) {
	switch {
	case s.Report != nil && s.Report.Content != "":
		return s.Report.Content, nil
	case s.Source != nil:
		return s.decoded(ctx)
	case s.Samples != nil:
		return s.Samples.Hash(), nil
	case s.Features != nil:
		return hashOfRows(s.Features), nil
	}
	d := len(s.Stats.Mean)
	all := mat.NewDense(d+1, d, nil)
	all.SetRow(0, s.Stats.Mean)
	for i := range d {
		for j := range d {
			all.Set(i+1, j, s.Stats.Cov.At(i, j))
		}
	}
	return hashOfRows(all), nil
}

// decoded is the hash of a source's images, which are not kept.
func (s *Side) decoded(ctx context.Context) (string, error) {
	image, names, _ := s.images(nil)
	p := newPass(Feeding{Skip: true}, s, image, names)
	for lo := 0; lo < len(names); lo += defaultBatch {
		if _, err := p.decode(ctx, lo, min(lo+defaultBatch, len(names))); err != nil {
			return "", err
		}
	}
	if p.report.Images == 0 {
		return "", p.nothing()
	}
	return p.content.Hash(), nil
}

func hashOfRows(m *mat.Dense) string {
	h := sha256.New()
	n, d := m.Dims()
	b := binary.LittleEndian.AppendUint64(nil, math.Float64bits(float64(n)))
	h.Write(binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(d))))
	for i := range n {
		b = b[:0]
		for _, v := range m.RawRowView(i) {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}
