package datasets

import (
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/assay-gan/assay/internal/suggest"
)

// maxValues bounds one split (4 GiB of float32): a mistyped size is an error, not an allocation that kills the machine.
const maxValues = 1 << 30

// DefaultDir is the folder with data files where no option names one: the environment variable ASSAY_DATA, or "".
func DefaultDir() string { return os.Getenv("ASSAY_DATA") }

// dataDir is the folder a file set reads.
func dataDir(id string, o Options) (string, error) {
	dir, err := dataPlace(id, o)
	if err != nil {
		return "", err
	}
	if st, err := os.Stat(dir); err == nil && !st.IsDir() {
		return "", missing("%s: %s is a file: Options.Dir and ASSAY_DATA name a folder", id, dir)
	}
	return dir, nil
}

// dataPlace is the folder, or the file, that the options or the environment name.
func dataPlace(id string, o Options) (string, error) {
	dir := o.Dir
	if dir == "" {
		dir = DefaultDir()
	}
	if dir == "" {
		return "", missing("%s: no data folder: name it by Options.Dir or ASSAY_DATA", id)
	}
	if _, err := os.Stat(dir); err != nil {
		return "", missing("%s: data folder %s: %v: name it by Options.Dir or ASSAY_DATA", id, dir, reason(err))
	}
	return dir, nil
}

// Resolve is what a data set's Load begins with: the parameters with their defaults filled in, and the sizes of the splits of a synthetic set. Errors wrap ErrOption
// and name the set: an unknown parameter, a number out of its range, a negative size or one that cannot be held.
func (o Options) Resolve(info Info) (params map[string]float64, n Sizes, err error) {
	if params, err = resolve(info, o.Params); err == nil {
		n, err = sizes(info, o)
	}
	return params, n, err
}

// CheckParams refuses parameters that the set does not have and numbers out of range; NaN is in none.
func (i Info) CheckParams(given map[string]float64) error {
	_, err := resolve(i, given)
	return err
}

// resolve fills in the defaults of the parameters and refuses unknown names and impossible numbers.
func resolve(info Info, given map[string]float64) (map[string]float64, error) {
	values := make(map[string]float64, len(info.Params))
	known := make([]string, 0, len(info.Params))
	for _, p := range info.Params {
		known = append(known, p.Name)
		v, set := given[p.Name]
		if !set {
			values[p.Name] = p.Default
			continue
		}
		if !(v >= p.Lo && v <= p.Hi) || math.IsInf(v, 0) || p.Integer && v != math.Trunc(v) {
			return nil, refuse("%s: %s = %v: want a %s from %v to %v", info.ID, p.Name, v, map[bool]string{true: "whole number", false: "number"}[p.Integer], p.Lo, p.Hi)
		}
		values[p.Name] = v
	}
	for _, name := range sortedKeys(given) {
		if _, ok := values[name]; !ok {
			if len(known) == 0 {
				return nil, refuse("%s: unknown parameter %q: this set has none", info.ID, name)
			}
			return nil, refuse("%s: %v", info.ID, suggest.Unknown("parameter", name, known))
		}
	}
	return values, nil
}

// sizes are the splits' sizes of a synthetic set, with defaults filled in and absurd ones refused.
func sizes(info Info, o Options) (Sizes, error) {
	s := Sizes{o.Train, o.Test, o.Hold}
	if err := notNegative(info.ID, o); err != nil {
		return s, err
	}
	for _, p := range []struct {
		n   *int
		def int
	}{{&s.Train, info.Sizes.Train}, {&s.Test, info.Sizes.Test}, {&s.Hold, info.Sizes.Hold}} {
		if *p.n == 0 {
			*p.n = p.def
		}
		if err := fits(info.ID, *p.n, info.Shape); err != nil {
			return s, err
		}
	}
	return s, nil
}

func notNegative(id string, o Options) error {
	for _, p := range []struct {
		name string
		n    int
	}{{"train", o.Train}, {"test", o.Test}, {"hold", o.Hold}} {
		if p.n < 0 {
			return refuse("%s: %s = %d: a size cannot be negative (0 means the default)", id, p.name, p.n)
		}
	}
	return nil
}

// fits refuses n samples of a shape that would not fit in maxValues numbers.
func fits(id string, n int, shape []int) error {
	d := (&Samples{Shape: shape}).Dim()
	if d > 0 && n > maxValues/d {
		return refuse("%s: %d samples of shape %v are more than %d numbers: ask for fewer", id, n, shape, maxValues)
	}
	return nil
}

func sortedKeys(m map[string]float64) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// classNames is prefix0, prefix1, ...
func classNames(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%d", prefix, i)
	}
	return names
}
