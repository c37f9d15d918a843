package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-gan/assay/featurizer"
)

// Groups of real samples are read and held against them.
func TestModesGroups(t *testing.T) {
	t.Chdir(t.TempDir())
	saveRows(t, "real.npy", []int{300, 4}, normals(1, 1200, 1, 0))
	saveRows(t, "fake.npy", []int{300, 4}, normals(2, 1200, 1, 0))
	for name, rows := range map[string]int{"pairs.txt": 300, "short.txt": 299, "one.txt": 0} {
		var b strings.Builder
		for i := range 300 {
			if rows == 0 {
				b.WriteString("p\n")
			} else if i < rows {
				fmt.Fprintf(&b, "p%d\n", i/2)
			}
		}
		write(t, name, b.String())
	}
	for args, want := range map[string]string{"--real-groups pairs.txt": "", "--real-groups short.txt": "299", "--real-groups one.txt": "one group", "--real-groups pairs.txt --n 100": "--n takes some"} {
		r := assay(append(strings.Fields("modes --real real.npy --fake fake.npy --featurizer none"), strings.Fields(args)...)...)
		if (r.code == 0) != (want == "") || !strings.Contains(r.err, want) || strings.Count(strings.TrimSpace(r.err), "\n") > 3 {
			t.Errorf("%s: %d %s", args, r.code, r.err)
		}
	}
}

// The verdict on points that are drawn from the ring itself, and on points of one mode only.
func TestModes(t *testing.T) {
	t.Chdir(t.TempDir())
	points := func(name string, modes int) {
		s := splitmix(5)
		const n = 1000
		x := s.normals(2*n, 0.01, 0) // eight modes on a circle of radius 1
		for i := range n {
			a := 2 * math.Pi * float64(i%modes) / 8
			x[2*i] += math.Cos(a)
			x[2*i+1] += math.Sin(a)
		}
		var b bytes.Buffer
		if err := featurizer.Float64Array([]int{n, 2}, x).WriteNPY(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	points("all.npy", 8)
	points("one.npy", 1)
	points("six.npy", 6)
	asked := "class\n"
	for i := range 1000 {
		asked += strconv.Itoa((i+1)%8) + "\n" // the mode after the one it is
	}
	if err := os.WriteFile("asked.csv", []byte(asked), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		word string
		code int
	}{
		{"--dataset ring --fake all.npy --fail-on any", "healthy", 0},
		{"--dataset ring --fake one.npy --fail-on any", "collapsed", 1},
		{"--dataset ring --fake one.npy --fail-on memorised,blurred", "collapsed", 0},
		{"--dataset ring --fake six.npy --fail-on dropped", "dropped", 1},
		{"--dataset ring --fake all.npy --labels asked.csv --fail-on permuted", "permuted", 1},
		{"--real all.npy --fake one.npy --fail-on collapsed", "collapsed", 1},
	} {
		r := assay(fields("modes --format json " + c.args)...)
		var got struct {
			Verdict struct{ Word string }
			Inputs  map[string]inputReport
		}
		if err := json.Unmarshal([]byte(r.out), &got); err != nil || got.Verdict.Word != c.word || r.code != c.code || got.Inputs["fake"].N != 1000 {
			t.Errorf("modes %s: %q, status %d, %s; want %s, status %d; %v", c.args, got.Verdict.Word, r.code, r.err, c.word, c.code, err)
		}
	}
	golden(t, "modes.txt", ok(t, "modes --dataset ring --fake six.npy"))
}
