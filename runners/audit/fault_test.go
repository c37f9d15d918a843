package audit

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/rng"
)

// Ten in shares of 1, 1 and 1 are 4, 3 and 3; of .5, 0 and 1.5 they are 2.5 and 7.5: the half goes to the first. None of them is lost.
func TestApportioned(t *testing.T) {
	for _, c := range []struct {
		shares []float64
		total  float64
		want   []int
	}{{[]float64{1, 1, 1}, 3, []int{4, 3, 3}}, {[]float64{.5, 0, 1.5}, 2, []int{3, 0, 7}}, {[]float64{0, 2}, 2, []int{0, 10}}} {
		if got := apportioned(c.shares, 10, c.total); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.shares, got, c.want)
		}
	}
}

// pictures are n images of noise around two grey levels, which are their classes.
func pictures(t *testing.T, n, c int) *datasets.Samples {
	t.Helper()
	s := rng.Stream(1, "test", "pictures")
	data, labels := make([]float32, n*16*16*c), make([]int, n)
	for i := range n {
		labels[i] = i % 2
		for j := range 16 * 16 * c {
			data[i*16*16*c+j] = float32(labels[i]) - .5 + .3*float32(s.Normal())
		}
	}
	x, err := datasets.NewSamples([]int{16, 16, c}, data, labels)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range x.Data {
		x.Data[i] = min(1, max(-1, v))
	}
	return x
}

func planted(t *testing.T, f Fault, level int, all *datasets.Samples) (before, after *datasets.Samples) {
	t.Helper()
	n := all.Len() / 4
	quarter := func(k int) *datasets.Samples { return all.Select(sequence(k*n, n)) }
	clean := quarter(0)
	p := planting{clean: clean, train: quarter(1), other: quarter(2), spare: quarter(3), mode: clean.Labels, spareMode: quarter(3).Labels, modes: 2, spread: spreadOf(all),
		strength: f.Strengths[level], src: rng.Stream(2, "test", f.ID)}
	got, err := f.plant(p)
	if err != nil {
		t.Fatalf("%s: %v", f.ID, err)
	}
	return quarter(0), got
}

func sequence(from, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = from + i
	}
	return out
}

// moved is the mean absolute change of a number.
func moved(a, b *datasets.Samples) float64 {
	s := 0.0
	for i, v := range a.Data {
		s += math.Abs(float64(v-b.Data[i])) / float64(len(a.Data))
	}
	return s
}

// Every fault changes the samples, more so the stronger it is, and keeps shape, number and range, in grey and in colour.
func TestFaultsGrow(t *testing.T) {
	for _, c := range []int{1, 3} {
		all := pictures(t, 400, c)
		for _, f := range Faults() {
			last := 0.0
			for l := range levels {
				before, after := planted(t, f, l, all)
				if after.Len() != before.Len() || len(after.Labels) != before.Len() || !slices.Equal(after.Shape, before.Shape) {
					t.Fatalf("%s: %d samples of %v with %d labels", f.ID, after.Len(), after.Shape, len(after.Labels))
				}
				for _, v := range after.Data {
					if !(v >= -1 && v <= 1) {
						t.Fatalf("%s: a number is %v", f.ID, v)
					}
				}
				m := moved(before, after)
				if f.Labels {
					m = float64(differing(before.Labels, after.Labels))
				}
				if f.Kind == Variety && f.ID != "shrinking" {
					continue // they take other samples of the same look
				}
				if !(m > last) {
					t.Errorf("%s: strength %g moves by %v, the one before by %v", f.ID, f.Strengths[l], m, last)
				}
				last = m
			}
		}
	}
}

func differing(a, b []int) (n int) {
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

func byID(t *testing.T, id string) Fault {
	t.Helper()
	for _, f := range Faults() {
		if f.ID == id {
			return f
		}
	}
	t.Fatal(id)
	return Fault{}
}

// What each fault of the whole set does, counted.
func TestFaultsDoWhatTheySay(t *testing.T) {
	all := pictures(t, 400, 1)
	_, after := planted(t, byID(t, "dropping"), 0, all) // one of two modes
	if slices.Min(after.Labels) != slices.Max(after.Labels) {
		t.Errorf("dropping leaves labels %d and %d", slices.Min(after.Labels), slices.Max(after.Labels))
	}
	if repeated(after) > 0 {
		t.Errorf("dropping repeats %d samples though there are spare ones", repeated(after))
	}
	_, after = planted(t, byID(t, "imbalance"), 3, all) // weights 1 and .05: 5 of 100 are of the rarer mode
	ones := 0
	for _, l := range after.Labels {
		ones += l
	}
	if rare := min(ones, after.Len()-ones); rare != 5 {
		t.Errorf("%d of the rarer mode, want 5", rare)
	}
	_, after = planted(t, byID(t, "repeats"), 2, all) // half of 100 are taken from the others
	if repeated(after) != 50 {
		t.Errorf("%d repeats, want 50", repeated(after))
	}
	_, after = planted(t, byID(t, "copies"), 1, all)
	train, copies := all.Select(sequence(100, 100)), 0
	for i := range after.Len() {
		for k := range train.Len() {
			if slices.Equal(after.Row(i), train.Row(k)) {
				copies++
			}
		}
	}
	if copies != 20 {
		t.Errorf("%d copies of training samples, want 20", copies)
	}
	if _, near := planted(t, byID(t, "near-copies"), 3, all); near.Data[17] != near.Data[16] || near.Data[0] != near.Data[1] || near.Data[1] == near.Data[2] {
		t.Error("a near copy is not moved by a pixel, with its left edge repeated")
	}
	before, after := planted(t, byID(t, "labels"), 3, all)
	if moved(before, after) != 0 || differing(before.Labels, after.Labels) < 30 {
		t.Errorf("labels: %v moved, %d differ", moved(before, after), differing(before.Labels, after.Labels))
	}
	before, after = planted(t, byID(t, "rectangle"), 2, all) // a fifth of the area: 7 x 7 of 16 x 16
	black := 0
	for i, v := range after.Row(0) {
		if v == -1 && before.Row(0)[i] != -1 {
			black++
		}
	}
	if black < 40 || black > 49 {
		t.Errorf("%d pixels blackened, want about 49", black)
	}
	before, after = planted(t, byID(t, "salt"), 3, all)
	if share := float64(changed(before, after)) / float64(len(after.Data)); math.Abs(share-.3) > .02 {
		t.Errorf("%.3f of the pixels are salt or pepper, want .3", share)
	}
}

func changed(a, b *datasets.Samples) (n int) {
	for i, v := range a.Data {
		if v != b.Data[i] {
			n++
		}
	}
	return n
}

func repeated(s *datasets.Samples) (n int) {
	seen := map[string]bool{}
	for i := range s.Len() {
		var b bytes.Buffer
		for _, v := range s.Row(i) {
			b.WriteString(strings.TrimSpace(string(rune(int32(math.Float32bits(v)) % 0xd000))))
			b.WriteByte(byte(math.Float32bits(v) >> 8))
		}
		if k := b.String(); seen[k] {
			n++
		} else {
			seen[k] = true
		}
	}
	return n
}

// A blur keeps a constant image and the mean of any; a swirl keeps the centre's value.
func TestBlurAndSwirlKeepWhatTheyMust(t *testing.T) {
	flat := make([]float32, 100*9*9)
	for i := range flat {
		flat[i] = .25
	}
	all, err := datasets.NewSamples([]int{9, 9, 1}, flat, make([]int, 100))
	if err != nil {
		t.Fatal(err)
	}
	all.Labels[1] = 1
	for _, id := range []string{"blur", "swirl"} {
		before, after := planted(t, byID(t, id), 3, all)
		if m := moved(before, after); m > 1e-6 {
			t.Errorf("%s moves constant images by %v", id, m)
		}
	}
	all.Data[40] = 1 // the centre of the first image
	if _, after := planted(t, byID(t, "swirl"), 2, all); after.Data[40] != 1 {
		t.Errorf("the centre of a swirl is %v", after.Data[40])
	}
	if _, after := planted(t, byID(t, "blur"), 1, all); !(after.Data[40] < .6 && after.Data[41] > .3) {
		t.Errorf("a blurred point is %v, its neighbour %v", after.Data[40], after.Data[41])
	}
}

func TestFaultsThatDoNotFitAreNamed(t *testing.T) {
	points, err := datasets.NewSamples([]int{2}, make([]float32, 8), nil)
	if err != nil {
		t.Fatal(err)
	}
	fit, left, err := chosenFaults(nil, points, nil)
	if err != nil || len(fit)+len(left) != len(Faults()) || left["jpeg"] == "" || left["labels"] == "" || left["contamination"] == "" || left["noise"] != "" {
		t.Errorf("%v %v %v", fit, left, err)
	}
	for want, names := range map[string][]string{"it is of images": {"jpeg"}, "have noise, blur": {"jpg"}, "no labels": {"labels"}, "another set": {"noise", "contamination"}} {
		if _, _, err := chosenFaults(names, points, nil); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v, want %q", names, err, want)
		}
	}
}
