//go:build linux

package command

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/reports/gate"
)

// labReader is a row of the laboratory: one reader of the program, a whole file for it and how the file is read. read is carried out in a folder of its own,
// where the file lies at path; it prints what was read, so that two readings can be compared, or the error as the program does, and returns the exit code.
type labReader struct {
	name  string
	file  string // its name, as far as the name matters
	whole func(t testing.TB, dir string) []byte
	read  func(path string, stdout, stderr io.Writer) int
	loose bool     // the format has no checksum: a changed file may be another good one
	open  bool     // nor an end that could be seen: a shorter file may be another good one
	says  []string // what the error may name instead of the file
	needs bool     // the whole file is refused too, because no small file of its kind would do; the laboratory then only sees that every other one is refused
}

// labReaders are all readers of files from outside.
func labReaders() []labReader {
	score := func(fixed ...string) func(string, io.Writer, io.Writer) int {
		return func(path string, stdout, stderr io.Writer) int {
			args := append([]string{"score", "--real", path, "--fake", filepath.Join(filepath.Dir(path), "fake.npy"), "--metrics", "fd", "--format", "json", "--quiet", "--cache", "off"}, fixed...)
			return Run(context.Background(), stdout, stderr, args)
		}
	}
	features, pixels := score("--featurizer", "none"), score("--featurizer", "pixels")
	folder := func(path string, stdout, stderr io.Writer) int { // good.png lies beside it
		return Run(context.Background(), stdout, stderr, []string{"score", "--real", filepath.Dir(path), "--fake", filepath.Join(filepath.Dir(path), "fake.npy"), "--featurizer", "pixels", "--metrics", "fd", "--format", "json", "--quiet", "--cache", "off"})
	}
	weights := func(path string, stdout, stderr io.Writer) int {
		return Run(context.Background(), stdout, stderr, []string{"score", "--real", filepath.Join(filepath.Dir(path), "fake.npy"), "--fake", filepath.Join(filepath.Dir(path), "fake.npy"), "--featurizer", "inception", "--weights", path, "--metrics", "fd", "--quiet", "--cache", "off"})
	}
	return []labReader{
		{name: "npy", file: "x.npy", whole: labFeatures(labNPY), read: features, loose: true},
		{name: "npz", file: "x.npz", whole: labFeatures(labNPZ), read: features},
		{name: "npz of statistics", file: "x.npz", whole: labStatistics, read: labCommand("stats", "show", "PATH", "--format", "json")},
		{name: "csv", file: "x.csv", whole: labFeatures(labCSV), read: features, loose: true, open: true},
		{name: "pt", file: "x.pt", whole: labFeatures(labPT), read: features},
		{name: "parquet", file: "x.parquet", whole: labFeatures(labParquet), read: features, loose: true},
		{name: "safetensors of features", file: "x.safetensors", whole: labFeatures(labSafeFeatures), read: features, loose: true},
		{name: "zip of images", file: "x.zip", whole: labPixels(labZip), read: pixels},
		{name: "tar of images", file: "x.tar", whole: labPixels(labTar), read: pixels, loose: true},
		{name: "tar.gz of images", file: "x.tar.gz", whole: labPixels(labPacked(labTar)), read: pixels},
		{name: "IDX", file: "x-idx3-ubyte", whole: labPixels(labIDX), read: pixels, loose: true},
		{name: "IDX.gz", file: "x-idx3-ubyte.gz", whole: labPixels(labPacked(labIDX)), read: pixels},
		{name: "CIFAR batch", file: "data_batch_1.bin", whole: labPixels(labCIFAR), read: pixels, loose: true, open: true},
		{name: "TFRecord", file: "x.tfrecord", whole: labPixels(labRecords), read: pixels, loose: true, open: true}, // what lies between two records cannot be missed
		{name: "PNG", file: "x.png", whole: labPixels(labPNG), read: folder},
		{name: "JPEG", file: "x.jpg", whole: labPixels(labJPEG), read: folder, loose: true},
		{name: "GIF", file: "x.gif", whole: labPixels(labGIF), read: folder, loose: true},
		{name: "BMP", file: "x.bmp", whole: labPixels(labBMP), read: folder, loose: true},
		{name: "WebP", file: "x.webp", whole: labPixels(labWebP), read: folder, loose: true},
		{name: "TIFF", file: "x.tiff", whole: labPixels(labTIFF), read: folder, loose: true},
		{name: "PNM", file: "x.ppm", whole: labPixels(labPNM), read: folder, loose: true, says: []string{"(real: ", "the real images of "}},
		{name: "pth, zip", file: "x.pth", whole: labPixels(labTorchZip), read: weights, needs: true},
		{name: "pth, legacy", file: "x.pth", whole: labPixels(labTorchLegacy), read: weights, needs: true},
		{name: "safetensors", file: "x.safetensors", whole: labPixels(labSafetensors), read: weights, needs: true},
		{name: "network file", file: "x.safetensors", whole: labNet, read: labNetScore, loose: true},
		{name: "checkpoint", file: "x.safetensors", whole: labCheckpoint, read: labSample, loose: true},
		{name: "card of a checkpoint", file: "x.json", whole: labCard, read: labSample, loose: true, says: []string{"x.safetensors"}},
		{name: "suite", file: "x.yaml", whole: labSuite, read: labCommand("bench", "PATH", "--plan", "--no-probe"), loose: true, open: true},
		{name: "records", file: "x.jsonl", whole: labFile("../testdata/records/bench.jsonl", 6000), read: labCommand("report", "PATH", "--format", "json"), loose: true, open: true},
		{name: "baseline", file: "x.jsonl", whole: labFile("../testdata/gate/baseline.jsonl", 0), read: labBaseline},
		{name: "MNIST", file: "train-images-idx3-ubyte", whole: labMNIST, read: labDataset(datasets.MNIST{}), loose: true},
		{name: "CIFAR-10 archive", file: "train.tar.gz", whole: labClasses, read: labDataset(datasets.CIFAR10{})},
		{name: "token rows", file: "pixel_color.txt", whole: labTokens, read: labDataset(datasets.Pokemon{}), loose: true, open: true},
		{name: "text", file: "sentences.txt", whole: labText, read: labDataset(datasets.Text{}), loose: true, open: true},
	}
}

// labCommand is a command line with PATH for the file.
func labCommand(args ...string) func(string, io.Writer, io.Writer) int {
	return func(path string, stdout, stderr io.Writer) int {
		own := bytes.NewBuffer(nil)
		line := make([]string, len(args))
		for i, a := range args {
			line[i] = strings.Replace(a, "PATH", path, 1)
		}
		code := Run(context.Background(), own, stderr, line)
		_, _ = stdout.Write(own.Bytes())
		return code
	}
}

// labSay prints an error as the program does, for readers that no cheap command reaches.
func labSay(err error, stderr io.Writer) int {
	fmt.Fprintf(stderr, "assay: %s\n", strings.Join(strings.Fields(err.Error()), " "))
	return exitUsage
}

func labBaseline(path string, stdout, stderr io.Writer) int {
	b, err := gate.LoadBaseline(path)
	if err != nil {
		return labSay(err, stderr)
	}
	b.Note, b.Config = "", "" // words, and what version 1 had; no sum is of them and nothing is made of them
	text, err := json.Marshal(b)
	if err != nil {
		return labSay(err, stderr)
	}
	fmt.Fprintf(stdout, "%x\n", sha256.Sum256(text))
	return exitOK
}

func labDataset(d datasets.Dataset) func(string, io.Writer, io.Writer) int {
	return func(path string, stdout, stderr io.Writer) int {
		s, err := d.Load(context.Background(), datasets.Options{Dir: filepath.Dir(path), Seed: 1})
		if err != nil {
			return labSay(err, stderr)
		}
		fmt.Fprintln(stdout, s.Train.Hash(), s.Test.Hash())
		return exitOK
	}
}

func labSample(path string, stdout, stderr io.Writer) int {
	out := filepath.Join(filepath.Dir(path), "samples.npy")
	model := strings.TrimSuffix(path, filepath.Ext(path)) + ".safetensors"
	if code := Run(context.Background(), io.Discard, stderr, []string{"sample", "--checkpoint", model, "-n", "4", "--out", out}); code != exitOK {
		return code
	}
	b, err := os.ReadFile(out)
	if err != nil {
		return labSay(err, stderr)
	}
	fmt.Fprintf(stdout, "%x\n", sha256.Sum256(b))
	return exitOK
}

func labNetScore(path string, stdout, stderr io.Writer) int {
	f, err := featurizer.OpenNet(path)
	if err != nil {
		return labSay(err, stderr)
	}
	points, err := datasets.NewSamples([]int{2}, []float32{1, 2, 3, 4, -5, 6}, nil)
	if err != nil {
		return labSay(err, stderr)
	}
	out, err := f.Featurize(context.Background(), points)
	if err != nil {
		return labSay(fmt.Errorf("%s: %w", path, err), stderr)
	}
	fmt.Fprintln(stdout, out.Features)
	return exitOK
}

// The whole files. labValue is a number that differs from place to place.
func labValue(i int) byte { return byte(37*i*i + 11*i + 5) }

// labSave writes a file that the reader needs beside its own.
func labSave(t testing.TB, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func labArray(t testing.TB, a *featurizer.Array) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := a.WriteNPY(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// labMatrix is 40 rows of 3 numbers.
func labMatrix(shift int) *featurizer.Array {
	x := make([]float32, 120)
	for i := range x {
		x[i] = float32(labValue(i+shift)) / 16
	}
	return featurizer.Float32Array([]int{40, 3}, x)
}

// labImages are 8 images of 8 x 8 pixels of so many channels.
func labImages(channels int) [][]byte {
	images := make([][]byte, 8)
	for i := range images {
		images[i] = make([]byte, 64*channels)
		for j := range images[i] {
			images[i][j] = labValue(i*1000 + j)
		}
	}
	return images
}

// labFeatures is for files that are compared with features, labPixels for such with images.
func labFeatures(whole func(t testing.TB) []byte) func(testing.TB, string) []byte {
	return func(t testing.TB, dir string) []byte {
		labSave(t, dir, "fake.npy", labArray(t, labMatrix(7)))
		return whole(t)
	}
}

func labPixels(whole func(t testing.TB) (data []byte, h, w, c int)) func(testing.TB, string) []byte {
	return func(t testing.TB, dir string) []byte {
		data, h, w, c := whole(t)
		pix := make([]byte, 4*h*w*c)
		for i := range pix {
			pix[i] = labValue(i + 3)
		}
		labSave(t, dir, "fake.npy", labArray(t, &featurizer.Array{Shape: []int{4, h, w, c}, Type: "u1", Raw: pix}))
		if h == 8 {
			labSave(t, dir, "good.png", labGrey(t, labImages(1)[5]))
		}
		return data
	}
}

func labNPY(t testing.TB) []byte { return labArray(t, labMatrix(0)) }

func labNPZ(t testing.TB) []byte { return labZipOf(t, zip.Deflate, "arr_0.npy", labNPY(t)) }

func labStatistics(t testing.TB, dir string) []byte {
	labSave(t, dir, "rows.npy", labNPY(t))
	out := filepath.Join(dir, "x.npz")
	if r := assay("stats", "make", filepath.Join(dir, "rows.npy"), "--out", out, "--quiet"); r.code != 0 {
		t.Fatal(r.err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// labZipOf makes a zip of pairs of name and content.
func labZipOf(t testing.TB, method uint16, pairs ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	size := 0
	for i := 1; i < len(pairs); i += 2 {
		size += len(pairs[i].([]byte))
	}
	w.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, labLevel(size)) })
	for i := 0; i < len(pairs); i += 2 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: pairs[i].(string), Method: method})
		if err == nil {
			_, err = f.Write(pairs[i+1].([]byte))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func labTarOf(t testing.TB, pairs ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		data := pairs[i+1].([]byte)
		if err := w.WriteHeader(&tar.Header{Name: pairs[i].(string), Size: int64(len(data)), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func labGzip(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, labLevel(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(data)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// labLevel is how hard so many bytes are packed: bombs fast, because it is what they unpack to that a reader must bear.
func labLevel(size int) int {
	if size > 1<<20 {
		return flate.BestSpeed
	}
	return flate.DefaultCompression
}

func labPacked(whole func(testing.TB) ([]byte, int, int, int)) func(testing.TB) ([]byte, int, int, int) {
	return func(t testing.TB) ([]byte, int, int, int) {
		data, h, w, c := whole(t)
		return labGzip(t, data), h, w, c
	}
}

func labGrey(t testing.TB, pix []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, &image.Gray{Pix: pix, Stride: 8, Rect: image.Rect(0, 0, 8, 8)}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func labMembers(t testing.TB) []any {
	var pairs []any
	for i, pix := range labImages(1) {
		pairs = append(pairs, fmt.Sprintf("%d.png", i), labGrey(t, pix))
	}
	return pairs
}

func labZip(t testing.TB) ([]byte, int, int, int) {
	return labZipOf(t, zip.Deflate, labMembers(t)...), 8, 8, 1
}
func labTar(t testing.TB) ([]byte, int, int, int) { return labTarOf(t, labMembers(t)...), 8, 8, 1 }

func labIDX(testing.TB) ([]byte, int, int, int) {
	b := []byte{0, 0, 8, 3, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 8}
	for _, pix := range labImages(1) {
		b = append(b, pix...)
	}
	return b, 8, 8, 1
}

func labCIFAR(testing.TB) ([]byte, int, int, int) {
	b := make([]byte, 3*3073)
	for i := range b {
		b[i] = labValue(i)
	}
	for i := range 3 {
		b[3073*i] = byte(i)
	}
	return b, 32, 32, 3
}

// labRecords are tf.train.Examples of StyleGAN's kind, written by hand: features > entries of "shape" (packed integers) and "data" (bytes).
func labRecords(testing.TB) ([]byte, int, int, int) {
	field := func(id byte, v []byte) []byte {
		return append(binary.AppendUvarint([]byte{id<<3 | 2}, uint64(len(v))), v...)
	}
	entry := func(key string, kind byte, v []byte) []byte {
		return field(1, append(field(1, []byte(key)), field(2, field(kind, field(1, v)))...))
	}
	var out []byte
	for _, pix := range labImages(1) {
		data := field(1, append(entry("shape", 3, []byte{1, 8, 8}), entry("data", 1, pix)...))
		head := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
		out = append(out, binary.LittleEndian.AppendUint32(head, labMasked(head))...)
		out = append(out, binary.LittleEndian.AppendUint32(data, labMasked(data))...)
	}
	return out, 8, 8, 1
}

// The single images are read from a folder together with fake.npy, which is no image.
func labPNG(t testing.TB) ([]byte, int, int, int) { return labGrey(t, labImages(1)[0]), 8, 8, 1 }

func labColour() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i, v := range labImages(3)[1] {
		m.Pix[i/3*4+i%3] = v
		m.Pix[i/3*4+3] = 255
	}
	return m
}

func labJPEG(t testing.TB) ([]byte, int, int, int) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, labColour(), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), 8, 8, 3
}

func labGIF(t testing.TB) ([]byte, int, int, int) {
	p := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.NRGBA{200, 100, 50, 255}, color.NRGBA{1, 2, 3, 255}})
	for i := range p.Pix {
		p.Pix[i] = labValue(i) & 1
	}
	var b bytes.Buffer
	if err := gif.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), 8, 8, 3
}

func labBMP(t testing.TB) ([]byte, int, int, int) {
	var b bytes.Buffer
	if err := bmp.Encode(&b, labColour()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), 8, 8, 3
}

func labTIFF(t testing.TB) ([]byte, int, int, int) {
	var b bytes.Buffer
	if err := tiff.Encode(&b, labColour(), &tiff.Options{Compression: tiff.Deflate}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), 8, 8, 3
}

func labPNM(testing.TB) ([]byte, int, int, int) {
	return append([]byte("P6\n8 8\n255\n"), labImages(3)[1]...), 8, 8, 3
}

// labWebP is a lossless image of 8 x 8 equal pixels: one symbol in each of the five codes, so that no bits follow for the pixels.
func labWebP(testing.TB) ([]byte, int, int, int) {
	// Signature; 14 bits of width - 1, 14 of height - 1, alpha, version; no transform, no colour cache, no meta codes; then five simple codes of one
	// symbol of eight bits (green 200, red 100, blue 50, alpha 255) or, for distances, of one bit.
	var bits []byte
	put := func(v uint32, n int) {
		for i := range n {
			bits = append(bits, byte(v>>i&1))
		}
	}
	put(7, 14)
	put(7, 14)
	put(0, 4)
	put(0, 3)
	for _, v := range []uint32{200, 100, 50, 255} {
		put(0b101, 3) // simple, one symbol, of eight bits
		put(v, 8)
	}
	put(0b001, 3)
	put(0, 1)
	data := []byte{0x2f}
	for i := 0; i < len(bits); i += 8 {
		var v byte
		for j, b := range bits[i:min(i+8, len(bits))] {
			v |= b << j
		}
		data = append(data, v)
	}
	if len(data)%2 == 1 {
		data = append(data, 0)
	}
	chunk := append(binary.LittleEndian.AppendUint32([]byte("VP8L"), uint32(len(data))), data...)
	return append(append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+len(chunk))), "WEBP"...), chunk...), 8, 8, 3
}

// Pickles by hand, after the language's table of operations: a dictionary with the tensor "a" of two floats in the storage "0".
const (
	labPickle = "\x80\x02}(X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02tQOFFSETK\x02\x85K\x01\x85tRu."
	labFloats = "\x00\x00\x80\x3f\x00\x00\x00\x40"
)

func labTorch(t testing.TB, pickle string) []byte {
	return labZipOf(t, zip.Store, "m/data.pkl", []byte(pickle), "m/data/0", []byte(labFloats))
}

func labOld(pickle string) []byte {
	b := "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00." + pickle + "\x80\x02](X\x01\x00\x00\x000e."
	return []byte(b + "\x02\x00\x00\x00\x00\x00\x00\x00" + labFloats)
}

func labTorchZip(t testing.TB) ([]byte, int, int, int) {
	return labTorch(t, strings.Replace(labPickle, "OFFSET", "K\x00", 1)), 8, 8, 3
}

func labTorchLegacy(testing.TB) ([]byte, int, int, int) {
	return labOld(strings.Replace(labPickle, "OFFSET", "K\x00", 1)), 8, 8, 3
}

func labSafetensors(t testing.TB) ([]byte, int, int, int) {
	t.Helper()
	var b bytes.Buffer
	w := featurizer.Weights{"a": {Shape: []int{2, 2}, Data: []float32{1, 2, 3, 4}}, "b": {Shape: []int{3}, Data: []float32{5, 6, 7}}}
	if err := w.WriteSafetensors(&b, false); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), 8, 8, 3
}

func labNet(t testing.TB, dir string) []byte {
	saveScaling(t, filepath.Join(dir, "scaling"), 2)
	b, err := os.ReadFile(filepath.Join(dir, "scaling"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// labTrained trains the smallest model for one step and returns its folder.
func labTrained(t testing.TB, dir string) (model, card []byte) {
	run := filepath.Join(dir, "trained")
	if r := assay("train", "gan-ns", "--dataset", "ring", "--steps", "1", "--set", "width=8", "--train-n", "300", "--test-n", "100", "--out", run, "--quiet"); r.code != 0 {
		t.Fatal(r.err)
	}
	var err1, err2 error
	model, err1 = os.ReadFile(filepath.Join(run, "model.safetensors"))
	card, err2 = os.ReadFile(filepath.Join(run, "model.json"))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return model, card
}

func labCheckpoint(t testing.TB, dir string) []byte {
	model, card := labTrained(t, dir)
	labSave(t, dir, "x.json", card)
	return model
}

func labCard(t testing.TB, dir string) []byte {
	model, card := labTrained(t, dir)
	labSave(t, dir, "x.safetensors", model)
	return card
}

func labSuite(testing.TB, string) []byte {
	return []byte("name: lab\nsamples: 200\nbudget: 2\ndatasets:\n  - {name: ring, train: 500, test: 300, hold: 1}\nmodels: [vae, {name: gan-ns, points: {width: 8}}]\nmetrics: [fd]\nfeaturizers: [none]\nseeds: [1, 2]\n")
}

// labFile is the beginning of a file of the project, cut behind a line; all of it for 0.
func labFile(name string, most int) func(testing.TB, string) []byte {
	return func(t testing.TB, _ string) []byte {
		b, err := os.ReadFile(filepath.Join(here, name))
		if err != nil {
			t.Fatal(err)
		}
		if most > 0 && len(b) > most {
			b = b[:bytes.LastIndexByte(b[:most], '\n')+1]
		}
		return b
	}
}

func labMNIST(t testing.TB, dir string) []byte {
	images := func(n int) []byte {
		b := []byte{0, 0, 8, 3, 0, 0, 0, byte(n), 0, 0, 0, 28, 0, 0, 0, 28}
		for i := range n * 784 {
			b = append(b, labValue(i))
		}
		return b
	}
	for part, n := range map[string]int{"train": 5, "t10k": 3} {
		labels := []byte{0, 0, 8, 1, 0, 0, 0, byte(n)}
		for i := range n {
			labels = append(labels, byte(i))
		}
		labSave(t, dir, part+"-labels-idx1-ubyte", labels)
	}
	labSave(t, dir, "t10k-images-idx3-ubyte", images(3))
	return images(5)
}

// labClasses are archives with a picture of 32 x 32 in each of CIFAR-10's folders.
func labClasses(t testing.TB, dir string) []byte {
	var pairs []any
	for i, class := range (datasets.CIFAR10{}).Info().Classes {
		m := image.NewNRGBA(image.Rect(0, 0, 32, 32))
		for j := range m.Pix {
			if m.Pix[j] = labValue(i * j); j%4 == 3 {
				m.Pix[j] = 255
			}
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, class+"/1.png", b.Bytes())
	}
	whole := labGzip(t, labTarOf(t, pairs...))
	labSave(t, dir, "test.tar.gz", whole)
	return whole
}

func labTokens(t testing.TB, dir string) []byte {
	labSave(t, dir, "colormap.txt", []byte("255 255 255\n0 0 0\n10 20 30\n"))
	var b strings.Builder
	for i := range 12 {
		for j := range 400 {
			fmt.Fprintf(&b, "%d ", (i+j*j)%3)
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}

func labText(testing.TB, string) []byte {
	return []byte(strings.Repeat("the cat sat on the mat\nthe dog sat on a log\na bird sang in the tree\n", 20) + strings.Join([]string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}, " so it goes\n") + "\n")
}
