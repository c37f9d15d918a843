package datasets

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/internal/tensorfile"
)

// OracleFile is the file in the data folder that the set oracle reads with language = -1: a language that somebody else drew, such as the one of SeqGAN's authors [yu2017].
const OracleFile = "oracle.npz"

// readOracle reads a language of sentences of a length from the 15 arrays of an npz, arr_0 to arr_14 in the order of the authors' file:
//
//	E {vocabulary, units};  W {units, units}, U {units, units}, b {units} for each of i, f, o, g;  V {units, vocabulary}, a {vocabulary}
func readOracle(path string, length int) (*Oracle, error) {
	arrays, err := tensorfile.ReadNPZ(path)
	if err != nil {
		return nil, corrupt("oracle: %v", err)
	}
	first, there := arrays["arr_0"]
	if !there || len(first.Shape) != 2 || first.Shape[0] < 2 || first.Shape[1] < 1 {
		return nil, corrupt("oracle: %s: arr_0 is no matrix of embeddings, tokens x units: write it by numpy.savez(%q, *target_params)", path, OracleFile)
	}
	v, u := first.Shape[0], first.Shape[1]
	read := func(i int, shape ...int) []float64 {
		name := fmt.Sprintf("arr_%d", i)
		a, there := arrays[name]
		if err != nil {
			return nil
		}
		if !there || fmt.Sprint(a.Shape) != fmt.Sprint(shape) {
			err = corrupt("oracle: %s: %s is not there or not of shape %v, as %d tokens and %d units want it", path, name, shape, v, u)
			return nil
		}
		x := a.Float64s()
		for _, f := range x {
			if math.IsNaN(f) || math.IsInf(f, 0) {
				err = corrupt("oracle: %s: %s holds numbers that are not finite", path, name)
			}
		}
		return x
	}
	embedding := read(0, v, u)
	w, within, b := make([]float64, u*4*u), make([]float64, u*4*u), make([]float64, 4*u)
	for g := range 4 { // the authors' gates are apart, ours side by side
		beside(w, read(1+3*g, u, u), g, u)
		beside(within, read(2+3*g, u, u), g, u)
		copy(b[g*u:], read(3+3*g, u))
	}
	out, bias := read(13, u, v), read(14, v)
	if err != nil {
		return nil, err
	}
	o := &Oracle{Vocabulary: v, Units: u, Length: length, within: within, out: out, bias: bias}
	o.hear(embedding, w, b)
	return o, nil
}

// beside puts the columns of one gate, x {u, u}, to their place in all {u, 4u}.
func beside(all, x []float64, gate, u int) {
	for i := range len(x) / u {
		copy(all[i*4*u+gate*u:], x[i*u:(i+1)*u])
	}
}

// oracleOf is the language that the parameters name: drawn from its seed, or read from the data folder.
func oracleOf(id string, o Options, p map[string]float64) (*Oracle, error) {
	vocabulary, units, length := int(p["vocabulary"]), int(p["units"]), int(p["length"])
	if p["language"] >= 0 {
		return NewOracle(vocabulary, units, length, uint64(p["language"])), nil
	}
	dir, err := dataDir(id, o)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, OracleFile)
	if _, err := os.Stat(path); err != nil {
		return nil, missing("%s: language = -1 reads %s: %v: write it by numpy.savez of the language's 15 arrays, or give a seed", id, path, reason(err))
	}
	truth, err := readOracle(path, length)
	if err != nil {
		return nil, err
	}
	if truth.Vocabulary != vocabulary || truth.Units != units {
		return nil, refuse("oracle: %s has %d tokens and %d units: set vocabulary = %d and units = %d", path, truth.Vocabulary, truth.Units, truth.Vocabulary, truth.Units)
	}
	return truth, nil
}
