package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/atomicfile"
)

// record is one run: everything that the page shows comes from here.
type record struct {
	Date     string            `json:"date"`
	Images   int               `json:"images"` // a side
	Versions map[string]string `json:"versions"`
	Missing  map[string]string `json:"missing,omitempty"` // peers that could not run, and why
	Values   []value           `json:"values"`
	Images2D []image           `json:"images_2d"`
}

// value is one number by two programs.
type value struct {
	Peer   string  `json:"peer"`
	Metric string  `json:"metric"`
	Theirs float64 `json:"theirs"`
	Ours   float64 `json:"ours"`
	Bound  float64 `json:"bound"`
}

// image is one picture file, or one resampling, by two programs.
type image struct {
	Kind    string `json:"kind"`
	Total   int    `json:"total"`
	Differ  int    `json:"differ"`
	Largest int    `json:"largest"`
	Refused string `json:"refused,omitempty"`
}

// difference is relative to the larger of the value and one hundredth: a score near 0 is held to its absolute digits.
func (v value) difference() float64 { return math.Abs(v.Ours-v.Theirs) / max(math.Abs(v.Theirs), 0.01) }

func (v value) agrees() bool { return v.difference() <= v.Bound }

// boundOf widens a peer's bound where its own code is known to lose digits.
func boundOf(p peer, k key) float64 {
	if strings.HasPrefix(k.Metric, "fd") && (strings.HasSuffix(k.Metric, " 2048") || strings.HasSuffix(k.Metric, " 192")) {
		return sqrtmDigits
	}
	if (k.Case == "clean-fid" || k.Case == "torchmetrics") && strings.HasPrefix(k.Metric, "kid ") && !strings.Contains(k.Metric, "float64") {
		return kernelDigits
	}
	if strings.Contains(k.Metric, "pixels") || k.Metric == "authpct" { // images are held as float32 here, dgm-eval's share there
		return float32Digits
	}
	return p.bound
}

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.Case, b.Case), cmp.Compare(a.Metric, b.Metric))
}

func readRecord(path string) (record, error) {
	var r record
	b, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// into is the record in a file with what r measured anew in place of the same rows there; new rows follow. The date is the later run's.
func (r record) into(path string) (record, error) {
	old, err := readRecord(path)
	if err != nil {
		return old, err
	}
	if old.Images != r.Images {
		return old, fmt.Errorf("%s is of %d images a side, this run of %d: give -n=%d", path, old.Images, r.Images, old.Images)
	}
	old.Date = r.Date
	maps.Copy(old.Versions, r.Versions)
	for _, v := range r.Values {
		same := func(o value) bool { return o.Peer == v.Peer && o.Metric == v.Metric }
		if i := slices.IndexFunc(old.Values, same); i >= 0 {
			old.Values[i] = v
		} else {
			old.Values = append(old.Values, v)
		}
	}
	for peer := range old.Missing {
		if slices.ContainsFunc(r.Values, func(v value) bool { return v.Peer == peer }) {
			delete(old.Missing, peer)
		}
	}
	if len(r.Images2D) > 0 {
		old.Images2D = r.Images2D
	}
	return old, nil
}

func (r record) write(path string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, append(b, '\n'))
}
