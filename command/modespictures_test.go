package command

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
)

// stripes are images of 12 x 12 with a bright stripe: class 0 and 1 lie at the left and right, 2 at the top, 3 at the bottom; every image is a little different.
func stripes(t *testing.T, name string, n int, classes ...int) {
	t.Helper()
	const side = 12
	s := splitmix(uint64(n))
	noise := s.normals(n*side*side, .05, 0)
	var pix []float32
	labels := "class\n"
	for i := range n {
		class := classes[i%len(classes)]
		at := 2 + i/len(classes)%2
		if class == 1 || class == 3 {
			at = side - 1 - at
		}
		for y := range side {
			for x := range side {
				v := .2 + noise[(i*side+y)*side+x]
				if along := []int{x, x, y, y}[class]; along == at {
					v += .6
				}
				pix = append(pix, float32(min(1, max(0, v))))
			}
		}
		labels += strconv.Itoa(class) + "\n"
	}
	var b bytes.Buffer
	if err := featurizer.Float32Array([]int{n, side, side, 1}, pix).WriteNPY(&b); err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{name + ".npy": b.Bytes(), name + ".csv": []byte(labels)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The data have classes 0, 1 and 2, the fakes 0, 1 and an invented one in the place of 2. Both are named, by class and by pictures: the bright stripe of every picture of
// missing.png is at the top, of invented.png at the bottom.
func TestModesShowsWhatIsMissingAndInvented(t *testing.T) {
	t.Chdir(t.TempDir())
	stripes(t, "real", 900, 0, 1, 2)
	stripes(t, "fake", 600, 0, 1, 3)
	out := ok(t, "modes --real real.npy --fake fake.npy --real-labels real.csv --featurizer pca(8,pixels) --range 0,1 --out shown --cache off --format json")
	var got struct {
		Verdict  metrics.Verdict
		Pictures map[string]string
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	v := got.Verdict
	if v.Word != metrics.Dropped || len(v.Missing) == 0 || v.Missing[0].Class != "2" || v.Missing[0].Of != 1 || len(v.Invented) == 0 || got.Pictures["missing"] == "" {
		t.Fatalf("%s: missing %+v, invented %+v, pictures %v", v, v.Missing, v.Invented, got.Pictures)
	}
	for what, top := range map[string]bool{"missing": true, "invented": false} {
		m := picture(t, got.Pictures[what])
		if above, below := brightness(m, true), brightness(m, false); above > below != top {
			t.Errorf("%s: %v above, %v below", what, above, below)
		}
	}
	text := ok(t, "modes --real real.npy --fake fake.npy --real-labels real.csv --featurizer pca(8,pixels) --range 0,1 --out shown --cache off")
	for _, want := range []string{"1 of 3 classes are missing (2)", "of the data look like these (class 2: 100 % of those shown): shown/missing.png, row 1", "of the fakes look like these", "shown/invented.png, row 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
}

func picture(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// brightness is the sum over the upper or the lower half of the first row of pictures.
func brightness(m image.Image, upper bool) (sum int) {
	const side, border = 12, 1
	for y := border; y < border+side; y++ {
		if (y < border+side/2) != upper {
			continue
		}
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			r, _, _, _ := m.At(x, y).RGBA()
			sum += int(r >> 8)
		}
	}
	return sum
}

// What does not fit is said in one line.
func TestModesRefusesLabelsThatDoNotFit(t *testing.T) {
	t.Chdir(t.TempDir())
	stripes(t, "real", 60, 0, 1)
	stripes(t, "fake", 50, 0, 1)
	if err := os.WriteFile("taken", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"--real-labels fake.csv":             "--real-labels has 50 rows, the real samples are 60",
		"--labels real.csv":                  "--labels has 60 rows, the fakes are 50",
		"--labels nosuch.csv":                "nosuch.csv",
		"--labels fake.csv --n 20":           "--n",
		"--real-labels real.csv --out taken": "taken",
	} {
		r := assay(fields("modes --real real.npy --fake fake.npy --featurizer pixels --range 0,1 --cache off " + args)...)
		if r.code == 0 || strings.Count(strings.TrimSpace(r.err), "\n") > 0 || !strings.Contains(r.err, want) {
			t.Errorf("%s: status %d, %q", args, r.code, r.err)
		}
	}
}
