package command

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestScoreTable holds the whole output at two widths.
func TestScoreTable(t *testing.T) {
	t.Chdir(t.TempDir())
	saveRows(t, "real.npy", []int{300, 4}, normals(1, 1200, 1, 0))
	saveRows(t, "fake.npy", []int{250, 4}, normals(2, 1000, 1.2, .3))
	saveRows(t, "short.npy", []int{5, 6}, normals(3, 30, 1, 0))
	saveRows(t, "long.npy", []int{40, 6}, normals(4, 240, 1, 0))
	for _, width := range []string{"80", "160"} {
		t.Setenv("COLUMNS", width)
		r := assay("score", "real.npy", "fake.npy", "--metrics", "fd,kid_full,prdc,vendi", "--quiet")
		few := assay("score", "--real", "long.npy", "--fake", "short.npy", "--metrics", "fd,nn_ratio,prdc", "--train", "long.npy", "--quiet")
		if r.code != exitOK {
			t.Fatal(r.err)
		}
		golden(t, "score-"+width+".txt", r.out+"\n"+few.out)
	}
}

// The value without bias is where its interval is, and a value of the halves that depends on their number says so.
func TestScoreTableIsNoFloor(t *testing.T) {
	t.Chdir(t.TempDir())
	saveRows(t, "real.npy", []int{300, 4}, normals(1, 1200, 1, 0))
	saveRows(t, "fake.npy", []int{250, 4}, normals(2, 1000, 1.2, .3))
	r := assay("score", "real.npy", "fake.npy", "--metrics", "fd,prdc", "--quiet", "--format", "csv")
	lines, err := csv.NewReader(strings.NewReader(r.out)).ReadAll()
	if err != nil || r.code != exitOK {
		t.Fatal(err, r.err)
	}
	at := map[string]int{}
	for i, h := range lines[0] {
		at[h] = i
	}
	number := func(row int, head string) float64 {
		v, err := strconv.ParseFloat(lines[row][at[head]], 64)
		if err != nil {
			t.Errorf("%s of line %d: %v", head, row, err)
		}
		return v
	}
	// The bias is taken off, fd - fd_bias, and the interval holds what is left.
	if got, want := number(1, "unbiased"), number(1, "value")-number(3, "value"); got != want || got < number(1, "lo") || got > number(1, "hi") || number(1, "level") != .95 {
		t.Errorf("fd %q: unbiased %v, want %v", lines[1], got, want)
	}
	if lo, mid, hi := number(1, "half lo"), number(1, "half unbiased"), number(1, "half hi"); mid > hi || lo < 0 || lo >= hi { // a distance's interval ends at 0
		t.Errorf("halves: %v in [%v, %v]", mid, lo, hi)
	}
	if number(1, "half unbiased") >= number(1, "half") || number(1, "N half") != 150 || number(1, "N real") != 300 || number(1, "N fake") != 250 {
		t.Errorf("halves: %q", lines[1])
	}
	if lines[4][at["metric"]] != "precision" || lines[4][at["unbiased"]] != "" || !strings.Contains(lines[4][at["method"]], "at these N") || lines[4][at["featurizer"]] != "none" {
		t.Errorf("precision: %q", lines[4])
	}
	text := assay("score", "real.npy", "fake.npy", "--metrics", "prdc", "--quiet").out
	if !strings.Contains(text, "at N 150") || !strings.Contains(text, "no limit for a value at another N") {
		t.Errorf("halves of 150 beside 250 fakes:\n%s", text)
	}
}

// The output goes to a file beside the terminal, in the format of its ending or of --format.
func TestTablesGoToFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for file, begins := range map[string]string{"m.csv": "model,family,", "m.json": "[\n  {", "m.md": "**Models**\n\n| model |", "m.tex": "% Models\n\\begin{tabular}", "m.TXT": "Models\n┌"} {
		r := assay("list", "models", "--out", file)
		b, err := os.ReadFile(file)
		if r.code != exitOK || err != nil || !strings.HasPrefix(string(b), begins) || !strings.HasPrefix(r.out, "Models\n┌") || !strings.Contains(r.err, file+": written") {
			t.Errorf("%s: exit %d, %v, %.40q, %s", file, r.code, err, b, r.err)
		}
	}
	if r := assay("list", "models", "--out", "m.dat", "--format", "csv"); r.code != exitOK || !strings.HasPrefix(r.out, "Models\n┌") {
		t.Errorf("--format of a file: %d %.30q %s", r.code, r.out, r.err)
	}
	if b, err := os.ReadFile("m.dat"); err != nil || !strings.HasPrefix(string(b), "model,family,") {
		t.Errorf("%v, %.30q", err, b)
	}
	for _, c := range []struct{ out, want string }{{"m.xlsx", "the ending says no format: have .json"}, {"nothere/m.csv", "nothere"}} {
		if r := assay("list", "models", "--out", c.out); r.code != exitUsage || !strings.Contains(r.err, c.want) || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: %d %s", c.out, r.code, r.err)
		}
	}
}

// Images for which nothing says how to compare them get three commands, each of which a shell reads as what was typed.
func TestImagesNeedASpace(t *testing.T) {
	t.Chdir(t.TempDir())
	imageArray(t, "a b.npy", 40, 8, 1)
	imageArray(t, "f.npy", 40, 8, 2)
	for _, args := range [][]string{{"score", "--real", "a b.npy", "--fake", "f.npy"}, {"modes", "--real", "a b.npy", "--fake", "f.npy"}, {"stats", "make", "a b.npy", "--out", "s.npz"}} {
		r := assay(args...)
		lines := strings.Split(strings.TrimSpace(r.err), "\n")
		if r.code != exitUsage || len(lines) != 7 || !strings.Contains(lines[0], "a b.npy holds images") || r.out != "" {
			t.Errorf("%q: exit %d, %q", args, r.code, lines)
			continue
		}
		for i, want := range []string{"--protocol pytorch-fid", "--featurizer \"inception-random(1)\" --protocol pytorch-fid", "--featurizer \"pca(32,pixels)\""} {
			if line := lines[2+2*i]; !strings.HasPrefix(line, "  assay "+args[0]+" ") || !strings.HasSuffix(line, want) || !strings.Contains(line, "'a b.npy'") {
				t.Errorf("%q offers %q", args, line)
			}
		}
	}
	for _, args := range []string{"--featurizer none --metrics fd", "--featurizer pca(4,pixels) --metrics prdc", "--metrics sharpness"} { // said, or none is needed
		if r := assay(append([]string{"score", "--real", "a b.npy", "--fake", "f.npy", "--quiet"}, strings.Fields(args)...)...); r.code != exitOK {
			t.Errorf("%s: exit %d, %s", args, r.code, r.err)
		}
	}
}

// imageArray writes n grey images of so many pixels a side.
func imageArray(t *testing.T, path string, n, side int, seed uint64) {
	t.Helper()
	raw := make([]byte, n*side*side)
	s := splitmix(seed)
	for i := range raw {
		raw[i] = byte(256 * s.uniform())
	}
	writeNPY(t, path, "u1", []int{n, side, side}, raw)
}
