package datasets_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/datasets/datasettest"
)

// damage is one thing wrong with a folder of files, and what the one-line error must say about it.
type damage struct {
	name string
	do   func(t *testing.T, dir string)
	kind error
	want []string
}

func remove(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func replace(name string, data []byte) func(*testing.T, string) {
	return func(t *testing.T, dir string) { datasettest.Write(t, filepath.Join(dir, name), data) }
}

func change(name string, f func([]byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		datasettest.Write(t, filepath.Join(dir, name), f(data))
	}
}

func truncate(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:n] } }

func set(at int, v ...byte) func([]byte) []byte {
	return func(b []byte) []byte { copy(b[at:], v); return b }
}

func inflict(t *testing.T, d datasets.Dataset, list []damage) {
	for _, c := range list {
		t.Run(c.name, func(t *testing.T) {
			dir := datasettest.Fixture(t, d.Info().ID)
			c.do(t, dir)
			_, err := d.Load(t.Context(), datasets.Options{Dir: dir})
			if !errors.Is(err, c.kind) {
				t.Fatalf("have %v, want an error that wraps %q", err, c.kind)
			}
			for _, w := range append(c.want, d.Info().ID+": ") {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("have %q, want %q in it", err, w)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
		})
	}
}

func TestDamagedMNIST(t *testing.T) {
	const images, labels = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"
	s := &datasettest.SplitMix{State: 3}
	plain := datasettest.IDX(s, 60, 28, 28)
	header := func(n, h, w uint32) []byte {
		b := []byte{0, 0, 8, 3}
		for _, v := range []uint32{n, h, w} {
			b = append(b, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
		}
		return b
	}
	clone := func() []byte { return bytes.Clone(plain) }
	inflict(t, datasets.MNIST{}, []damage{
		{"no labels", remove(labels), datasets.ErrMissing, []string{"train-images-idx3-ubyte.gz is there", "not train-labels-idx1-ubyte[.gz]"}},
		{"no images", remove(images), datasets.ErrMissing, []string{"train-labels-idx1-ubyte is there", "not train-images-idx3-ubyte[.gz]"}},
		{"nothing for testing", func(t *testing.T, dir string) {
			remove("t10k-images-idx3-ubyte.gz")(t, dir)
			remove("t10k-labels-idx1-ubyte")(t, dir)
		}, datasets.ErrMissing, []string{"no t10k-images-idx3-ubyte[.gz]", "ASSAY_DATA"}},
		{"cut in image 12", replace(images, plain[:16+12*784+5]), datasets.ErrCorrupt, []string{images, "60 images promised, file ends in image 12: download it again"}},
		{"gzip of a cut file", replace(images, datasettest.Gzip(plain[:16+12*784])), datasets.ErrCorrupt, []string{"60 images promised, file ends in image 12"}},
		{"gzip cut", change(images, truncate(30_000)), datasets.ErrCorrupt, []string{images, "60 images promised, file ends in image"}},
		{"gzip cut in its last bytes", change(images, func(b []byte) []byte { return b[:len(b)-3] }), datasets.ErrCorrupt, []string{images, "ends early"}},
		{"gzip checksum", change(images, func(b []byte) []byte { b[len(b)-6] ^= 1; return b }), datasets.ErrCorrupt, []string{images, "checksum"}},
		{"gzip header", replace(images, []byte{0x1f, 0x8b, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0}), datasets.ErrCorrupt, []string{images, "gzip header"}},
		{"empty file", replace(images, nil), datasets.ErrCorrupt, []string{images, "inside the header (byte 0 of 16)"}},
		{"short header", replace(images, plain[:9]), datasets.ErrCorrupt, []string{"byte 9 of 16"}},
		{"labels as images", replace(images, datasettest.IDXLabels(s, 60)), datasets.ErrCorrupt, []string{"magic number 00000801", "begins with 00000803", "file of labels"}},
		{"images as labels", replace(labels, plain), datasets.ErrCorrupt, []string{labels, "00000803", "file of images"}},
		{"float IDX", replace(images, set(2, 0x0d)(clone())), datasets.ErrCorrupt, []string{"00000d03", "type 0d"}},
		{"text", replace(images, []byte("<html>404 not found</html>")), datasets.ErrCorrupt, []string{"magic number 3c68746d"}},
		{"no images inside", replace(images, header(0, 28, 28)), datasets.ErrCorrupt, []string{"0 as size 0"}},
		{"zero height", replace(images, header(60, 0, 28)), datasets.ErrCorrupt, []string{"0 as size 1"}},
		{"huge count", replace(images, header(0xffffffff, 28, 28)), datasets.ErrCorrupt, []string{"4294967295 as size 0"}},
		{"huge edge", replace(images, header(1, 100_000, 28)), datasets.ErrCorrupt, []string{"100000 as size 1"}},
		{"huge in all", replace(images, header(100_000_000, 4096, 4096)), datasets.ErrCorrupt, []string{"promises 1677721600000000 bytes"}},
		{"promised, not there", replace(images, header(5_000_000, 28, 28)), datasets.ErrCorrupt, []string{"5000000 images promised, file ends in image 0"}},
		{"more than promised", replace(images, append(clone(), 1, 2, 3)), datasets.ErrCorrupt, []string{"more bytes follow"}},
		{"other size", replace(images, datasettest.IDX(s, 60, 14, 14)), datasets.ErrCorrupt, []string{"14x14", "28x28"}},
		{"fewer labels", replace(labels, datasettest.IDXLabels(s, 59)), datasets.ErrCorrupt, []string{"60 images but", "59 labels"}},
		{"label out of range", change(labels, set(8+17, 10)), datasets.ErrCorrupt, []string{"label 10 of image 17"}},
	})
}

func TestDamagedCIFAR10(t *testing.T) {
	const second = "data_batch_2.bin"
	inflict(t, datasets.CIFAR10{}, []damage{
		{"no test batch", remove("test_batch.bin"), datasets.ErrMissing, []string{"no test_batch.bin"}},
		{"no first batch", remove("data_batch_1.bin"), datasets.ErrMissing, []string{"no data_batch_1.bin"}},
		{"only the test batch", func(t *testing.T, dir string) {
			remove("data_batch_1.bin")(t, dir)
			remove(second)(t, dir)
		}, datasets.ErrMissing, []string{"no data_batch_1.bin"}},
		{"nothing", func(t *testing.T, dir string) {
			remove("data_batch_1.bin")(t, dir)
			remove(second)(t, dir)
			remove("test_batch.bin")(t, dir)
		}, datasets.ErrMissing, []string{"neither data_batch", "ASSAY_DATA"}},
		{"cut", change(second, truncate(7*3073+100)), datasets.ErrCorrupt, []string{second, "in image 7 (byte 100 of its 3073)"}},
		{"empty", replace(second, nil), datasets.ErrCorrupt, []string{second, "in image 0"}},
		{"label out of range", change(second, set(4*3073, 10)), datasets.ErrCorrupt, []string{second, "label 10 of image 4"}},
	})
}

// classTar is an archive of one noise image a class.
func classTar(s *datasettest.SplitMix, n int) []byte {
	var files []datasettest.File
	for _, c := range (datasets.CIFAR10{}).Info().Classes {
		for i := range n {
			files = append(files, datasettest.File{Name: fmt.Sprintf("%s/%04d.png", c, i), Data: datasettest.PNG(s, 32, 32)})
		}
	}
	return datasettest.Tar(files...)
}

func TestCIFAR10Archives(t *testing.T) {
	s := &datasettest.SplitMix{State: 4}
	dir := t.TempDir()
	datasettest.Write(t, filepath.Join(dir, "cifar10-copy", "train.tar.gz"), datasettest.Gzip(classTar(s, 3)))
	datasettest.Write(t, filepath.Join(dir, "cifar10-copy", "test.tar"), classTar(s, 2))
	x, err := datasets.CIFAR10{}.Load(t.Context(), datasets.Options{Dir: dir, Hold: 5})
	if err != nil {
		t.Fatal(err)
	}
	if x.Train.Len() != 25 || x.Hold.Len() != 5 || x.Test.Len() != 20 {
		t.Errorf("%d, %d, %d samples, want 25, 5, 20", x.Train.Len(), x.Hold.Len(), x.Test.Len())
	}
	counts := make([]int, 10)
	for _, l := range x.Test.Labels {
		counts[l]++
	}
	for c, n := range counts {
		if n != 2 {
			t.Errorf("class %d has %d test images, want 2", c, n)
		}
	}
	// The rows must not come sorted by class: the first half of the test split would miss half of the classes.
	seen := map[int]bool{}
	for _, l := range x.Test.Labels[:10] {
		seen[l] = true
	}
	if len(seen) <= 5 {
		t.Errorf("the first ten test images have only %d classes", len(seen))
	}
	good := classTar(s, 1)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"cut", good[:len(good)/2], "train.tar.gz"},
		{"gzip cut", datasettest.Gzip(good)[:5000], "train.tar.gz"},
		{"gzip checksum", func() []byte { b := datasettest.Gzip(good); b[len(b)-6] ^= 1; return b }(), "checksum"},
		{"no tar", []byte(strings.Repeat("no archive ", 200)), "no valid tar header"},
		{"empty tar", datasettest.Tar(), "no images in class folders"},
		{"unknown class", datasettest.Tar(datasettest.File{Name: "zebra/1.png", Data: datasettest.PNG(s, 32, 32)}), "zebra/1.png: its folder is no class, have airplane"},
		{"damaged image", datasettest.Tar(datasettest.File{Name: "cat/1.png", Data: datasettest.PNG(s, 32, 32)[:300]}), "cat/1.png"},
		{"other size", datasettest.Tar(datasettest.File{Name: "cat/1.png", Data: datasettest.PNG(s, 31, 32)}), "[31 32 3]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			datasettest.Write(t, filepath.Join(dir, "train.tar.gz"), c.data)
			datasettest.Write(t, filepath.Join(dir, "test.tar.gz"), good)
			_, err := datasets.CIFAR10{}.Load(t.Context(), datasets.Options{Dir: dir})
			if !errors.Is(err, datasets.ErrCorrupt) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("have %v, want %q in it", err, c.want)
			}
		})
	}
}

// TestCIFAR10Twice: of two members with one name the last is the image, as unpacking has it.
func TestCIFAR10Twice(t *testing.T) {
	s := &datasettest.SplitMix{State: 15}
	first, last, other := datasettest.PNG(s, 32, 32), datasettest.PNG(s, 32, 32), datasettest.PNG(s, 32, 32)
	load := func(files ...datasettest.File) *datasets.Set {
		dir := t.TempDir()
		datasettest.Write(t, filepath.Join(dir, "train.tar.gz"), datasettest.Gzip(datasettest.Tar(files...)))
		datasettest.Write(t, filepath.Join(dir, "test.tar.gz"), datasettest.Gzip(datasettest.Tar(datasettest.File{Name: "cat/9.png", Data: other})))
		set, err := datasets.CIFAR10{}.Load(t.Context(), datasets.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	twice := load(datasettest.File{Name: "cat/1.png", Data: first}, datasettest.File{Name: "cat/1.png", Data: last})
	if once := load(datasettest.File{Name: "cat/1.png", Data: last}); twice.Train.Len() != 1 || twice.Hash() != once.Hash() {
		t.Errorf("%d images, want the last of the two", twice.Train.Len())
	}
}

func TestDamagedFolder(t *testing.T) {
	s := &datasettest.SplitMix{State: 5}
	inflict(t, datasets.Folder{}, []damage{
		{"other size", replace("bee/zz.png", datasettest.PNG(s, 9, 6)), datasets.ErrCorrupt, []string{"ant/000.png is 8x6", "bee/zz.png is 9x6", "size"}},
		{"damaged image", replace("bee/zz.png", datasettest.PNG(s, 8, 6)[:100]), datasets.ErrCorrupt, []string{"bee/zz.png", "repair or remove"}},
		{"text as image", replace("bee/zz.jpg", []byte("hello")), datasets.ErrCorrupt, []string{"bee/zz.jpg"}},
		{"beside class folders", replace("top.png", datasettest.PNG(s, 8, 6)), datasets.ErrCorrupt, []string{"top.png", "beside class folders"}},
		{"no images", func(t *testing.T, dir string) {
			for _, c := range []string{"ant", "bee"} {
				if err := os.RemoveAll(filepath.Join(dir, c)); err != nil {
					t.Fatal(err)
				}
			}
		}, datasets.ErrMissing, []string{"no images in"}},
		{"test without a class", func(t *testing.T, dir string) {
			datasettest.Write(t, filepath.Join(dir, "train", "ant", "1.png"), datasettest.PNG(s, 8, 6))
			datasettest.Write(t, filepath.Join(dir, "test", "bee", "1.png"), datasettest.PNG(s, 8, 6))
		}, datasets.ErrCorrupt, []string{"[ant]", "[bee]"}},
	})
}

func TestFolder(t *testing.T) {
	s := &datasettest.SplitMix{State: 6}
	dir := t.TempDir()
	datasettest.Write(t, filepath.Join(dir, "a.png"), datasettest.PNG(s, 20, 12))
	datasettest.Write(t, filepath.Join(dir, "b.png"), datasettest.PNG(s, 12, 30))
	datasettest.Write(t, filepath.Join(dir, "notes.txt"), []byte("not an image"))
	datasettest.Write(t, filepath.Join(dir, ".hidden.png"), []byte("not an image"))
	x, err := datasets.Folder{}.Load(t.Context(), datasets.Options{Dir: dir, Test: 1, Params: map[string]float64{"size": 6, "channels": 1}})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(x.Info.Shape) != "[6 6 1]" || x.Train.Len() != 1 || x.Test.Len() != 1 || x.Train.Labels != nil || x.Info.Classes != nil {
		t.Errorf("shape %v, %d and %d samples, labels %v", x.Info.Shape, x.Train.Len(), x.Test.Len(), x.Train.Labels)
	}
	split := t.TempDir()
	for i := range 3 {
		datasettest.Write(t, filepath.Join(split, "train", "x", fmt.Sprint(i)+".png"), datasettest.PNG(s, 4, 4))
		datasettest.Write(t, filepath.Join(split, "test", "x", fmt.Sprint(i)+".png"), datasettest.PNG(s, 4, 4))
	}
	if x, err = (datasets.Folder{}).Load(t.Context(), datasets.Options{Dir: split, Hold: 1}); err != nil || x.Train.Len() != 2 || x.Test.Len() != 3 || x.Hold.Len() != 1 {
		t.Errorf("train and test folders: %v", err)
	}
}

func TestDamagedPokemon(t *testing.T) {
	const rows = "pixel_color.txt.gz"
	s := &datasettest.SplitMix{State: 7}
	text := datasettest.TokenRows(s, 100, 3)
	lines := func(f func([]string)) []byte {
		l := strings.Split(string(text), "\n")
		f(l)
		return []byte(strings.Join(l, "\n"))
	}
	inflict(t, datasets.Pokemon{}, []damage{
		{"no palette", remove("colormap.txt"), datasets.ErrMissing, []string{"pixel_color.txt.gz is there", "not colormap.txt[.gz]"}},
		{"no rows", remove(rows), datasets.ErrMissing, []string{"colormap.txt is there", "not pixel_color.txt[.gz]"}},
		{"short row", replace(rows, lines(func(l []string) { l[6] = "1 2 0" })), datasets.ErrCorrupt, []string{rows, "line 7: 3 numbers", "400"}},
		{"no such colour", replace(rows, lines(func(l []string) { l[2] = "3" + l[2][1:] })), datasets.ErrCorrupt, []string{"line 3, number 1", `"3"`, "0 to 2"}},
		{"negative", replace(rows, lines(func(l []string) { l[2] = "-1" + l[2][1:] })), datasets.ErrCorrupt, []string{"line 3", `"-1"`}},
		{"word", replace("colormap.txt", []byte("1 2 3\nred green blue\n")), datasets.ErrCorrupt, []string{"colormap.txt", "line 2", `"red"`}},
		{"bright", replace("colormap.txt", []byte("1 2 256\n")), datasets.ErrCorrupt, []string{"line 1", `"256"`}},
		{"two numbers", replace("colormap.txt", []byte("1 2\n")), datasets.ErrCorrupt, []string{"line 1: 2 numbers"}},
		{"empty palette", replace("colormap.txt", nil), datasets.ErrCorrupt, []string{"no colours"}},
		{"empty rows", replace(rows, []byte("\n\n")), datasets.ErrCorrupt, []string{"no pictures"}},
		{"gzip cut", change(rows, func(b []byte) []byte { return b[:len(b)/2] }), datasets.ErrCorrupt, []string{rows, "line"}},
		{"gzip checksum", change(rows, func(b []byte) []byte { b[len(b)-6] ^= 1; return b }), datasets.ErrCorrupt, []string{rows, "checksum"}},
		{"endless line", replace(rows, bytes.Repeat([]byte("1 "), 100_000)), datasets.ErrCorrupt, []string{"line 1 is longer"}},
	})
}

// TestFileSplits: too much asked for, and the parts together are the whole.
func TestFileSplits(t *testing.T) {
	dir := datasettest.Fixture(t, "mnist")
	for _, o := range []datasets.Options{{Train: 61}, {Train: 50, Hold: 11}, {Hold: 60}, {Hold: 61}, {Test: 41}} {
		o.Dir = dir
		if _, err := (datasets.MNIST{}).Load(t.Context(), o); !errors.Is(err, datasets.ErrOption) {
			t.Errorf("%+v: have %v", o, err)
		}
	}
	x, err := datasets.MNIST{}.Load(t.Context(), datasets.Options{Dir: dir, Hold: 15, Seed: 3})
	if err != nil || x.Train.Len() != 45 || x.Hold.Len() != 15 || x.Test.Len() != 40 {
		t.Fatalf("have %v", err)
	}
	if len(x.Warnings) != 4 || !strings.Contains(x.Warnings[0], "not the original file") {
		t.Errorf("warnings %q: want one for each of the four files of noise", x.Warnings)
	}
	y, err := datasets.MNIST{}.Load(t.Context(), datasets.Options{Dir: dir, Hold: 15, Seed: 4})
	if err != nil || y.Hold.Hash() == x.Hold.Hash() || y.Test.Hash() != x.Test.Hash() {
		t.Errorf("another seed must change the hold-out and nothing of a whole test split (%v)", err)
	}
	whole, err := datasets.MNIST{}.Load(t.Context(), datasets.Options{Dir: dir})
	if err != nil || whole.Train.Len() != 60 || whole.Hold.Len() != 0 {
		t.Errorf("by default all is for training (%v)", err)
	}
}

// TestPixelsAreTheFiles: every value is the byte of the file it came from, in its place.
func TestPixelsAreTheFiles(t *testing.T) {
	value := func(b byte) float32 { return float32(float64(b)/127.5 - 1) }
	dir := datasettest.Fixture(t, "cifar10")
	x, err := datasets.CIFAR10{}.Load(t.Context(), datasets.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "data_batch_2.bin"))
	if err != nil {
		t.Fatal(err)
	}
	// Record 3 of the second batch is training row 30 + 3: a label, then red, green and blue planes.
	record, row := data[3*3073:4*3073], x.Train.Row(33)
	for p := range 1024 {
		for c := range 3 {
			if row[3*p+c] != value(record[1+1024*c+p]) {
				t.Fatalf("pixel %d, channel %d is %v, the file says %d", p, c, row[3*p+c], record[1+1024*c+p])
			}
		}
	}
	if x.Train.Label(33) != int(record[0]) {
		t.Errorf("label %d, the file says %d", x.Train.Label(33), record[0])
	}

	dir = t.TempDir()
	s := &datasettest.SplitMix{State: 12}
	images, labels := datasettest.IDX(s, 5, 28, 28), datasettest.IDXLabels(s, 5)
	for _, part := range []string{"train", "t10k"} {
		datasettest.Write(t, filepath.Join(dir, "MNIST", "raw", part+"-images.idx3-ubyte"), images)
		datasettest.Write(t, filepath.Join(dir, "mnist", part+"-labels-idx1-ubyte.gz"), datasettest.Gzip(labels))
	}
	if x, err = (datasets.MNIST{}).Load(t.Context(), datasets.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	for i, v := range x.Test.Data {
		if v != value(images[16+i]) {
			t.Fatalf("value %d is %v, the file says %d", i, v, images[16+i])
		}
	}
	for i, l := range x.Test.Labels {
		if l != int(labels[8+i]) {
			t.Errorf("label %d is %d, the file says %d", i, l, labels[8+i])
		}
	}
}
