//go:build linux

package command

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// labCase is one hostile file.
type labCase struct {
	kind, name string
	data       func(t testing.TB) []byte       // what the file holds, or
	put        func(t testing.TB, path string) // how it comes to be
	apart      bool                            // read in a process of its own, under limits: it may take the machine
	refused    bool                            // a reader that accepts it is wrong, whatever it prints
}

// labKinds are the columns of the laboratory.
var labKinds = []struct{ name, what string }{
	{"cut", "cut short, at every boundary"},
	{"bit", "one bit flipped"},
	{"more", "bytes behind the end"},
	{"number", "a size, offset or count at its limit"},
	{"noise", "empty, zeros, ones, text, another format"},
	{"bomb", "inflates to, or promises, what no small file holds"},
	{"loop", "holds itself, or nests without end"},
	{"claim", "whole in form, and says what cannot be"},
	{"device", "a device, a pipe, a folder, nothing"},
}

func bytesCase(kind, name string, data []byte) labCase {
	return labCase{kind: kind, name: name, data: func(testing.TB) []byte { return data }}
}

// labCases are the hostile files for a reader, derived from its whole one. full asks for every place instead of some.
func labCases(r labReader, whole []byte, full bool) []labCase {
	var cases []labCase
	for _, n := range places(len(whole), 24, full) {
		cases = append(cases, bytesCase("cut", fmt.Sprintf("to %d bytes", n), whole[:n]))
	}
	for _, n := range places(8*len(whole), 32, full) {
		b := bytes.Clone(whole)
		b[n/8] ^= 1 << (n % 8)
		cases = append(cases, bytesCase("bit", fmt.Sprintf("%d of byte %d", n%8, n/8), b))
	}
	for _, more := range []string{"\x00", "\xff", "0123456789abcdef", strings.Repeat("\x00", 512) + "x"} {
		cases = append(cases, bytesCase("more", fmt.Sprintf("%d bytes", len(more)), append(bytes.Clone(whole), more...)))
	}
	cases = append(cases, labNumbers(r, whole, full)...)
	for name, text := range map[string]string{
		"empty": "", "a zero": "\x00", "zeros": strings.Repeat("\x00", 4096), "ones": strings.Repeat("\xff", 4096), "text": strings.Repeat("hello, world\n", 100),
		"a line without end": strings.Repeat("a", 1<<17), "zip's mark": "PK\x03\x04", "gzip's mark": "\x1f\x8b\x08", "PNG's mark": "\x89PNG\r\n\x1a\n",
	} {
		cases = append(cases, bytesCase("noise", name, []byte(text)))
	}
	return append(append(append(cases, labClaims(r, whole)...), labBombs(r)...), labDevices(r)...)
}

// places are numbers from 0 to n-1: all of them, or some that hold the ends.
func places(n, some int, full bool) []int {
	if full && n > 1<<9 {
		some, full = 1<<9, false
	}
	if full || n <= some {
		some = n
	}
	var at []int
	for i := range some {
		at = append(at, int(int64(i)*int64(n-1)/int64(max(some-1, 1))))
	}
	return at
}

var labDigits = regexp.MustCompile(`[0-9]+`)

// labNumbers puts limits where numbers are: over four and eight bytes at a time, and for the numbers of text.
func labNumbers(r labReader, whole []byte, full bool) []labCase {
	var cases []labCase
	end := max(0, len(whole)-160)
	step := 11
	if full {
		step = 4
	}
	patterns := []string{"\xff\xff\xff\xff", "\xff\xff\xff\x7f", "\x7f\xff\xff\xff", "\xff\xff\xff\xff\xff\xff\xff\x7f", "\x00\x00\x00\x00"}
	for at := 0; at+8 <= len(whole); at += step {
		if at > 300 && at < end {
			at = end
		}
		for i, p := range patterns {
			if !full && (at/step)%len(patterns) != i {
				continue
			}
			b := bytes.Clone(whole)
			copy(b[at:], p)
			cases = append(cases, bytesCase("number", fmt.Sprintf("% x at byte %d", p, at), b))
		}
	}
	text, mend := labTextOf(r, whole)
	found := labDigits.FindAllIndex(text, -1)
	for i, n := range found {
		if !full && len(found) > 24 && i%(len(found)/24+1) != 0 {
			continue
		}
		for _, v := range []string{"-1", "9223372036854775807", "99999999999999999999", "1e308"} {
			b := append(append(bytes.Clone(text[:n[0]]), v...), text[n[1]:]...)
			c := bytesCase("number", fmt.Sprintf("%s at byte %d", v, n[0]), mend(b))
			c.apart = r.name == "card of a checkpoint" || r.name == "network file" // what the file asks for is built
			cases = append(cases, c)
		}
	}
	return cases
}

// labTextOf is the part of a file that is text, and how a changed one is put back.
func labTextOf(r labReader, whole []byte) ([]byte, func([]byte) []byte) {
	switch r.file {
	case "x.safetensors":
		n := binary.LittleEndian.Uint64(whole)
		return whole[8 : 8+n], func(text []byte) []byte {
			b := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
			return append(append(b, text...), whole[8+n:]...)
		}
	case "x.npy":
		n := int(binary.LittleEndian.Uint16(whole[8:]))
		return whole[10 : 10+n], func(text []byte) []byte {
			b := binary.LittleEndian.AppendUint16(bytes.Clone(whole[:8]), uint16(len(text)))
			return append(append(b, text...), whole[10+n:]...)
		}
	case "x.json", "x.yaml", "x.jsonl", "x.csv", "pixel_color.txt":
		return whole, func(text []byte) []byte { return text }
	}
	return nil, nil
}

// zeros300 is 300 MB of nothing; packed it is under 400 KB. The others are the same nothing as an image in a tar and as an IDX. Three readers get each.
var (
	zeros300  = sync.OnceValue(func() []byte { return make([]byte, 300<<20) })
	packed300 = sync.OnceValue(func() []byte { return labGzip(nil2{}, zeros300()) })
	image300  = sync.OnceValue(func() []byte { return labGzip(nil2{}, labTarOf(nil2{}, "cat/0.png", zeros300())) })
	idx300    = sync.OnceValue(func() []byte {
		return labGzip(nil2{}, append([]byte{0, 0, 8, 3, 0, 4, 0xb0, 0, 0, 0, 0, 32, 0, 0, 0, 32}, zeros300()...))
	})
)

// nil2 stands for a test where none can fail.
type nil2 struct{ testing.TB }

func (nil2) Helper()           {}
func (nil2) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// labBombs are what was made against one reader.
func labBombs(r labReader) []labCase {
	var cases []labCase
	add := func(kind, name string, data func(t testing.TB) []byte) {
		cases = append(cases, labCase{kind: kind, name: name, data: data, apart: true, refused: true})
	}
	npy := func(shape, kind string, data []byte) []byte {
		head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, shape)
		return append(append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8)), append([]byte(head), data...)...)
	}
	deep := func(open, close string) string { return strings.Repeat(open, 200_000) + strings.Repeat(close, 200_000) }
	safe := func(head string) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head...)
	}
	switch r.name {
	case "npy":
		for _, shape := range []string{"1000000000, 3", "4294967296, 4294967296", "-5, 3", "9223372036854775807,", "0, 9223372036854775807", "3037000500, 3037000500"} {
			add("bomb", "shape "+shape, func(testing.TB) []byte { return npy(shape, "<f4", []byte("12345678")) })
		}
		add("loop", "a shape of 200 000 brackets", func(testing.TB) []byte { return npy(deep("(", ")"), "<f4", nil) })
	case "npz":
		add("bomb", "300 MB of an array", func(t testing.TB) []byte {
			return labZipOf(t, zip.Deflate, "arr_0.npy", npy("26214400, 3", "<f4", zeros300()))
		})
		add("bomb", "an array that is not there", func(t testing.TB) []byte {
			return labZipOf(t, zip.Deflate, "arr_0.npy", npy("2000000000, 3", "<f4", []byte("1234")))
		})
		add("bomb", "300 MB behind the array", func(t testing.TB) []byte {
			return labZipOf(t, zip.Deflate, "arr_0.npy", append(labNPY(t), zeros300()...))
		})
		add("bomb", "a hundred members of 60 MB", func(t testing.TB) []byte {
			var pairs []any
			body := npy("5242880, 3", "<f4", zeros300()[:60<<20])
			for i := range 12 {
				pairs = append(pairs, fmt.Sprintf("a%d.npy", i), body)
			}
			return labZipOf(t, zip.Deflate, pairs...)
		})
	case "npz of statistics":
		add("bomb", "300 MB of a covariance", func(t testing.TB) []byte {
			return labZipOf(t, zip.Deflate, "mu.npy", npy("6000,", "<f8", zeros300()[:48000]), "sigma.npy", npy("6000, 6000", "<f8", zeros300()[:288_000_000]))
		})
	case "zip of images":
		add("bomb", "300 MB of an image", func(t testing.TB) []byte { return labZipOf(t, zip.Deflate, "0.png", zeros300()) })
	case "tar.gz of images", "CIFAR-10 archive", "IDX.gz":
		add("bomb", "300 MB of zeros", func(testing.TB) []byte { return packed300() })
		add("bomb", "300 MB of an image", func(testing.TB) []byte { return image300() })
		add("bomb", "an IDX of 300 MB", func(testing.TB) []byte { return idx300() })
	case "tar of images":
		add("loop", "40 000 links to one folder", func(t testing.TB) []byte { return labLinks(t, 40_000, "there") })
		add("loop", "40 000 links, each to the next", func(t testing.TB) []byte { return labLinks(t, 40_000, "") })
		add("loop", "a path of 400 000 folders", func(t testing.TB) []byte {
			var b bytes.Buffer
			w := tar.NewWriter(&b)
			if err := errors.Join(w.WriteHeader(&tar.Header{Name: strings.Repeat("a/", 400_000) + "x.png", Linkname: "y.png", Typeflag: tar.TypeSymlink, Format: tar.FormatPAX}), w.Close()); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		})
		add("bomb", "a member of 8 GB, base 256", func(t testing.TB) []byte {
			b := bytes.Clone(labTarOf(t, "0.png", []byte("1234")))
			copy(b[124:136], "77777777777\x00")
			return labTarSum(b)
		})
	case "IDX", "MNIST":
		for name, dims := range map[string]string{"2^32 - 1 images": "\xff\xff\xff\xff\x00\x00\x00\x1c\x00\x00\x00\x1c", "a product that wraps": "\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00", "no rows": "\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x1c"} {
			add("bomb", name, func(testing.TB) []byte { return []byte("\x00\x00\x08\x03" + dims + "1234") })
		}
	case "TFRecord":
		for name, n := range map[string]uint64{"a record of 2^63 bytes": 1 << 63, "of 2^62": 1 << 62, "of a length that wraps": math.MaxUint64 - 8} {
			add("bomb", name, func(testing.TB) []byte {
				head := binary.LittleEndian.AppendUint64(nil, n)
				return append(binary.LittleEndian.AppendUint32(head, labMasked(head)), make([]byte, 100)...)
			})
		}
	case "PNG", "GIF", "BMP", "WebP", "JPEG", "TIFF", "PNM":
		for name, data := range labPictures(r.name) {
			add("bomb", name, func(testing.TB) []byte { return data })
		}
	case "pth, zip":
		add("bomb", "300 MB of pickle", func(t testing.TB) []byte {
			return labZipOf(t, zip.Deflate, "m/data.pkl", []byte("\x80\x02"+strings.Repeat("X\x00\x00\x10\x00"+strings.Repeat("a", 1<<20)+"0", 280)+"."), "m/data/0", []byte(labFloats))
		})
		add("bomb", "300 MB of storage", func(t testing.TB) []byte {
			pickle := strings.Replace(strings.Replace(labPickle, "OFFSET", "K\x00", 1), "K\x02tQ", "J\x00\x00\xb0\x04tQ", 1)
			return labZipOf(t, zip.Deflate, "m/data.pkl", []byte(pickle), "m/data/0", zeros300())
		})
	case "safetensors", "safetensors of features", "network file", "checkpoint":
		add("bomb", "a header of 2^63 bytes", func(testing.TB) []byte { return []byte("\xff\xff\xff\xff\xff\xff\xff\x7f{}") })
		add("bomb", "a shape of 2^80", func(testing.TB) []byte {
			return safe(`{"a":{"dtype":"F32","shape":[1099511627776,1099511627776],"data_offsets":[0,0]}}`)
		})
		add("bomb", "offsets that wrap", func(testing.TB) []byte {
			return safe(`{"a":{"dtype":"F32","shape":[4],"data_offsets":[9223372036854775800,9223372036854775816]}}`)
		})
		add("loop", "200 000 brackets", func(testing.TB) []byte { return safe(`{"a":` + deep("[", "]") + `}`) })
		add("loop", "200 000 objects", func(testing.TB) []byte { return safe(deep(`{"a":`, "}")) })
	case "card of a checkpoint", "records", "baseline":
		add("loop", "200 000 brackets", func(testing.TB) []byte { return []byte(`{"cell":` + deep("[", "]") + "}\n{}\n") })
		add("loop", "200 000 objects", func(testing.TB) []byte { return []byte(deep(`{"settings":`, "}") + "\n{}\n") })
	case "suite":
		add("loop", "200 000 brackets", func(testing.TB) []byte { return []byte("name: x\nmodels: " + deep("[", "]") + "\n") })
		add("loop", "an anchor that holds itself", func(testing.TB) []byte { return []byte("name: x\nmodels: &a [*a]\n") })
		add("bomb", "a billion laughs", func(testing.TB) []byte {
			b := "name: x\na0: &a0 [x, x]\n"
			for i := range 30 {
				b += fmt.Sprintf("a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
			}
			return []byte(b)
		})
		add("bomb", "8 MB of one word", func(testing.TB) []byte { return []byte("name: " + strings.Repeat("a", 8<<20)) })
	}
	if strings.HasPrefix(r.name, "pth") {
		for name, p := range labPickles() {
			add(p[0], name, func(t testing.TB) []byte {
				if r.name == "pth, zip" {
					return labTorch(t, p[1])
				}
				return labOld(p[1])
			})
		}
	}
	return cases
}

// labLinks is a tar of links that are no images by their names, all to one place or each to the next one.
func labLinks(t testing.TB, n int, to string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := range n {
		h := &tar.Header{Name: fmt.Sprintf("d/%d", i), Linkname: cmp.Or(to, fmt.Sprintf("%d", i+1)), Typeflag: tar.TypeSymlink, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// labPickles are pickles by kind that no reader of weights may follow.
func labPickles() map[string][2]string {
	state := "X\x0a\x00\x00\x00state_dict"
	at := func(offset int64) string {
		return strings.Replace(labPickle, "OFFSET", "\x8a\x08"+string(binary.LittleEndian.AppendUint64(nil, uint64(offset))), 1)
	}
	return map[string][2]string{
		"a dictionary that is its own state_dict": {"loop", "\x80\x02}q\x00" + state + "h\x00s."},
		"two dictionaries that hold each other":   {"loop", "\x80\x02}q\x00}q\x01" + state + "h\x00s0h\x00" + state + "h\x01s."},
		"its own state_dict a thousand times":     {"loop", "\x80\x02}q\x00(" + strings.Repeat(state+"h\x00", 1000) + "u."},
		"a list that holds itself":                {"loop", "\x80\x02]q\x00h\x00a."},
		"state_dict 100 000 deep":                 {"loop", "\x80\x02" + strings.Repeat("}"+state, 100_000) + "}" + strings.Repeat("s", 100_000) + "."},
		"a tuple 500 000 deep":                    {"loop", "\x80\x02)" + strings.Repeat("\x85", 500_000) + "."},
		"an offset of 2^63 - 1":                   {"bomb", at(math.MaxInt64)},
		"an offset of -1":                         {"bomb", at(-1)},
		"a storage of 2^62 numbers":               {"bomb", strings.Replace(at(0), "K\x02tQ", "\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x40tQ", 1)},
		"a million dictionaries":                  {"bomb", "\x80\x02" + strings.Repeat("}\x94", 1<<20) + "."},
		"a call of os.system":                     {"bomb", "\x80\x02cposix\nsystem\nX\x04\x00\x00\x00true\x85R."},
	}
}

// labPictures are headers that promise pixels which are not there.
func labPictures(format string) map[string][]byte {
	png := func(edge, deep string) []byte {
		ihdr := "IHDR" + edge + edge + deep + "\x06\x00\x00\x00"
		return binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"+ihdr), labIEEE(ihdr))
	}
	switch format {
	case "PNG":
		return map[string][]byte{"100 000 squared": png("\x00\x01\x86\xa0", "\x08"), "11 000 squared": png("\x00\x00\x2a\xf8", "\x08"), "8192 squared of 16 bits": png("\x00\x00\x20\x00", "\x10"), "2^31 - 1 squared": png("\x7f\xff\xff\xff", "\x08")}
	case "GIF":
		return map[string][]byte{"65 535 squared": []byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff"), "11 000 squared": []byte("GIF89a\xf8\x2a\xf8\x2a\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xf8\x2a\xf8\x2a\x00\x02\x02\x44\x01\x00;")}
	case "BMP":
		head := func(edge uint32) []byte {
			b := []byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00")
			b = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, edge), edge)
			return append(b, append([]byte{1, 0, 24, 0}, make([]byte, 24)...)...)
		}
		return map[string][]byte{"11 000 squared": head(11000), "2^31 - 1 squared": head(math.MaxInt32)}
	case "TIFF":
		// Entries of a directory: tag, type (4 is a number of 32 bits), count, value. 256 and 257 are width and height, 258 bits, 259 compression, 262 colour (1 is
		// black to white), 273 where the strip begins, 278 its rows, 279 its bytes.
		dir := func(edge uint32) []byte {
			entries := [][2]uint32{{256, edge}, {257, edge}, {258, 8}, {259, 1}, {262, 1}, {273, 8 + 2 + 8*12 + 4}, {278, edge}, {279, 0}}
			b := append([]byte("II*\x00\x08\x00\x00\x00"), byte(len(entries)), 0)
			for _, e := range entries {
				b = binary.LittleEndian.AppendUint16(b, uint16(e[0]))
				b = binary.LittleEndian.AppendUint16(b, 4)
				b = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, 1), e[1])
			}
			return append(b, 0, 0, 0, 0)
		}
		return map[string][]byte{"11 000 squared": dir(11_000), "2^31 - 1 squared": dir(math.MaxInt32)}
	case "PNM":
		return map[string][]byte{"11 000 squared": []byte("P6\n11000 11000\n255\nabc"), "2^63 - 1 squared": []byte("P6\n9223372036854775807 9223372036854775807\n255\n"), "a product that wraps": []byte("P5\n4294967296 4294967297\n255\nabc")}
	case "WebP":
		vp8l := []byte{0x2f, 0xff, 0xff, 0xff, 0x0f, 0x40, 0xd9, 0x8c, 0x51, 0xcd, 0xf2, 0x07, 0, 0}
		b := binary.LittleEndian.AppendUint32([]byte("VP8L"), uint32(len(vp8l)))
		b = append(b, vp8l...)
		return map[string][]byte{"16 384 squared": append(append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+len(b))), "WEBP"...), b...)}
	}
	sof := "\xff\xd8\xff\xc2\x00\x11\x08\x2a\xf8\x2a\xf8\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
	return map[string][]byte{"11 000 squared": []byte(sof), "a thousand scans": []byte("\xff\xd8\xff\xc2\x00\x11\x08\x10\x00\x10\x00\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01" + strings.Repeat("\xff\xda\x00\x0c\x03\x01\x00\x02\x00\x03\x00\x00\x00\x00", 1000))}
}

// labMasked is TensorFlow's checksum, labIEEE that of PNG, labTarSum puts the checksum of a tar's first header right.
func labMasked(b []byte) uint32 {
	c := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return (c>>15 | c<<17) + 0xa282ead8
}

func labIEEE(s string) uint32 { return crc32.ChecksumIEEE([]byte(s)) }

func labTarSum(b []byte) []byte {
	copy(b[148:156], "        ")
	sum := 0
	for _, v := range b[:512] {
		sum += int(v)
	}
	copy(b[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

// labDevices are things in the place of the file that are none.
func labDevices(r labReader) []labCase {
	link := func(to string) func(testing.TB, string) {
		return func(t testing.TB, path string) {
			if err := os.Symlink(to, path); err != nil {
				t.Fatal(err)
			}
		}
	}
	cases := []labCase{
		{name: "/dev/zero", put: link("/dev/zero")}, {name: "/dev/full", put: link("/dev/full")}, {name: "/dev/null", put: link("/dev/null")},
		{name: "a link to itself", put: func(t testing.TB, path string) { link(filepath.Base(path))(t, path) }},
		{name: "a pipe", put: func(t testing.TB, path string) {
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "a folder", put: func(t testing.TB, path string) {
			if err := os.Mkdir(path, 0o755); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "nothing", put: func(testing.TB, string) {}},
	}
	switch r.name {
	case "PNG", "JPEG", "GIF", "BMP", "WebP", "TIFF", "PNM": // they are read from a folder, where one file fewer is no fault
		cases = cases[:len(cases)-2]
	}
	for i := range cases {
		cases[i].kind, cases[i].apart, cases[i].refused = "device", true, true
	}
	return cases
}
