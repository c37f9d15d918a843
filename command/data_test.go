package command

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
)

func exported(t *testing.T, args string) string {
	t.Helper()
	r := assay(strings.Fields("data " + args)...)
	if r.code != 0 {
		t.Fatalf("data %s: status %d: %s", args, r.code, r.err)
	}
	return r.out
}

func smallGlyphs(t *testing.T) *datasets.Set {
	t.Helper()
	set, err := datasets.Glyphs{}.Load(t.Context(), datasets.Options{Seed: 3, Train: 60, Test: 25, Hold: 5})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Arrays hold the set's own samples and labels, in its order: byte k is the value k/127.5 - 1.
func TestDataArrays(t *testing.T) {
	t.Chdir(t.TempDir())
	exported(t, "glyphs --seed 3 --train-n 60 --test-n 25 --hold-n 5 --out g.npz")
	exported(t, "glyphs --seed 3 --train-n 60 --test-n 25 --hold-n 5 --out g --as npy")
	z, err := featurizer.ReadNPZ("g.npz")
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(z)); !slices.Equal(got, []string{"x_hold", "x_test", "x_train", "y_hold", "y_test", "y_train"}) {
		t.Errorf("arrays %v", got)
	}
	set := smallGlyphs(t)
	for name, s := range map[string]*datasets.Samples{"train": set.Train, "test": set.Test, "hold": set.Hold} {
		for form, at := range map[string][2]string{"npz": {"g.npz:x_" + name, "g.npz:y_" + name}, "npy": {"g/" + name + ".npy", "g/" + name + "-labels.npy"}} {
			x, err := featurizer.ReadArray(at[0])
			if err != nil {
				t.Fatal(err)
			}
			y, err := featurizer.ReadArray(at[1])
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(x.Shape, []int{s.Len(), 28, 28, 1}) || x.Type != "u1" || !slices.Equal(y.Shape, []int{s.Len()}) {
				t.Fatalf("%s %s: shapes %v of %s and %v", form, name, x.Shape, x.Type, y.Shape)
			}
			for i, v := range s.Data {
				if float32(float64(x.Raw[i])/127.5-1) != v {
					t.Fatalf("%s %s: pixel %d is %d, want %v", form, name, i, x.Raw[i], v)
				}
			}
			for i, l := range s.Labels {
				if int(y.At(i)) != l {
					t.Fatalf("%s %s: label %d is %v, want %d", form, name, i, y.At(i), l)
				}
			}
		}
	}
}

// Pictures lie under split and class, and the data set folder reads the same samples from them.
func TestDataPictures(t *testing.T) {
	t.Chdir(t.TempDir())
	out := exported(t, "glyphs --seed 3 --train-n 60 --test-n 25 --hold-n 5 --out deep/g/")
	if !strings.Contains(out, "train") || !strings.Contains(out, "BSD-3-Clause") {
		t.Errorf("it says %s", out)
	}
	set := smallGlyphs(t)
	for i := range set.Test.Len() {
		file := filepath.Join("deep/g/test", fmt.Sprint(set.Test.Label(i)), fmt.Sprintf("%06d.png", i))
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := imaging.Limits{}.DecodeBytes(b, file)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(m.Float(nil), set.Test.Row(i)) {
			t.Errorf("%s holds another image", file)
		}
	}
	rows := func(s *datasets.Samples) (all []string) {
		for i := range s.Len() {
			all = append(all, fmt.Sprint(s.Label(i), s.Row(i)))
		}
		slices.Sort(all)
		return all
	}
	back, err := datasets.Folder{}.Load(t.Context(), datasets.Options{Dir: "deep/g", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rows(back.Train), rows(set.Train)) || !slices.Equal(rows(back.Test), rows(set.Test)) {
		t.Error("the data set folder reads other samples")
	}
	entries, err := os.ReadDir("deep")
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the folder there is more: %v", entries)
	}
}

// Points are as they are, sentences their tokens, two domains two names.
func TestDataOfOtherKinds(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		args, file, kind string
		shape            []int
	}{
		{"ring --train-n 30 --test-n 20 --hold-n 10 --out r", "r/train.npy", "f4", []int{30, 2}},
		{"ring-rotated --train-n 30 --test-n 20 --hold-n 10 --out rr", "rr/testB.npy", "f4", []int{20, 2}},
		{"oracle --train-n 30 --test-n 20 --hold-n 10 --out o.npz", "o.npz:x_hold", "i8", []int{10, 20}},
	} {
		exported(t, c.args)
		a, err := featurizer.ReadArray(c.file)
		if err != nil {
			t.Fatal(err)
		}
		if a.Type != c.kind || !slices.Equal(a.Shape, c.shape) {
			t.Errorf("%s: %s of %v, want %s of %v", c.file, a.Type, a.Shape, c.kind, c.shape)
		}
	}
	set, err := datasets.Ring{}.Load(t.Context(), datasets.Options{Seed: 1, Train: 30, Test: 20, Hold: 10})
	if err != nil {
		t.Fatal(err)
	}
	a, err := featurizer.ReadArray("r/train.npy")
	if err != nil || !slices.Equal(a.Float32s(), set.Train.Data) {
		t.Errorf("other points than the set's: %v", err)
	}
}

func TestDataRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("ASSAY_DATA", "")
	if err := os.MkdirAll("full/old", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"data glyphs", "data needs --out, such as glyphs.npz or glyphs/", 2},
		{"data glyhs --out g", `unknown data set "glyhs", did you mean "glyphs"?`, 2},
		{"data glyphs --out g --as pgn", `unknown form "pgn", did you mean "png"?`, 2},
		{"data ring --out g --as png", "ring holds points, and --as png is for images: use --as npy or npz", 2},
		{"data glyphs --out g --as npz", "--out g: an npz file's name ends in .npz", 2},
		{"data glyphs --out full", `--out full: the folder holds "old" already`, 2},
		{"data glyphs --out g --train-n -1", "--train-n -1: want a whole number, at least 1, or 0 for the set", 2},
		{"data glyphs --out g --param distrotion=1", `unknown parameter "distrotion", did you mean "distortion"?`, 2},
		{"data mnist --out g", "--data", 2},
	} {
		r := assay(strings.Fields(c.args)...)
		if r.code != c.code || !strings.Contains(r.err, c.want) || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: status %d, %q; want %d and one line with %s", c.args, r.code, r.err, c.code, c.want)
		}
	}
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) != 1 {
		t.Errorf("refusals left %v", entries)
	}
}
