package datasets

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
)

// sound: a parser either gives something consistent or one line that wraps ErrCorrupt. A panic or an allocation out of proportion fails by itself.
func sound(t *testing.T, err error) {
	t.Helper()
	if err != nil && (!errors.Is(err, ErrCorrupt) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "name")) {
		t.Errorf("have %q", err)
	}
}

func FuzzIDX(f *testing.F) {
	f.Add([]byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4}, true)
	f.Add([]byte{0, 0, 8, 1, 0, 0, 0, 2, 5, 6}, false)
	f.Add([]byte{0, 0, 8, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 1, 0, 0, 0, 2}, true)
	f.Fuzz(func(t *testing.T, data []byte, images bool) {
		defer testutil.Bound(t, len(data))()
		rank := 1
		if images {
			rank = 3
		}
		r, err := unzip(bytes.NewReader(data))
		if err != nil {
			return
		}
		x, err := readIDX(r, "name", rank)
		if sound(t, err); err != nil {
			return
		}
		n := 1
		for _, d := range x.dims {
			n *= d
		}
		if n != len(x.data) || len(x.dims) != rank {
			t.Errorf("sizes %v for %d values", x.dims, len(x.data))
		}
	})
}

func FuzzCIFARBatch(f *testing.F) {
	f.Add(bytes.Repeat([]byte{7}, cifarRecord), uint8(10))
	f.Add(bytes.Repeat([]byte{1}, 2*cifarRecord+9), uint8(10))
	f.Fuzz(func(t *testing.T, data []byte, classes uint8) {
		defer testutil.Bound(t, len(data))()
		x := &raw{shape: []int{32, 32, 3}}
		err := parseBatch(bytes.NewReader(data), "name", int(classes), x)
		if sound(t, err); err != nil {
			return
		}
		if len(data) != x.len()*cifarRecord || len(x.labels) != x.len() {
			t.Errorf("%d bytes gave %d images, %d labels", len(data), x.len(), len(x.labels))
		}
		for i, l := range x.labels {
			if l >= int(classes) || x.pix[i*3072+1] != data[i*cifarRecord+1+1024] { // the first pixel's green
				t.Errorf("image %d: label %d, or pixels out of place", i, l)
			}
		}
	})
}

func FuzzTar(f *testing.F) {
	f.Add([]byte("no archive"))
	f.Add(make([]byte, 1024))
	head := make([]byte, 512)
	copy(head, "cat/1.png")
	copy(head[100:], "0000644\x000000000\x000000000\x0000000000005\x0000000000000\x00010433\x00 0")
	f.Add(append(head, make([]byte, 1536)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		defer testutil.Bound(t, len(data))()
		list, err := listTar(bytes.NewReader(data), "name", []string{"cat", "dog"})
		if sound(t, err); err != nil {
			return
		}
		total := 0
		for _, p := range list {
			if total += len(p.bytes); p.label < 0 || p.label > 1 {
				t.Errorf("label %d", p.label)
			}
		}
		if len(list) == 0 || total > len(data) {
			t.Errorf("%d files of %d bytes in an archive of %d", len(list), total, len(data))
		}
	})
}

func FuzzPokemon(f *testing.F) {
	f.Add("255 255 255\n0 0 0\n", strings.Repeat("0 1 ", 200)+"\n")
	f.Add("1 2 3", strings.Repeat("0 ", 399)+"1")
	f.Add("1 2 256", "x")
	f.Fuzz(func(t *testing.T, colours, rows string) {
		defer testutil.Bound(t, len(colours)+len(rows))()
		palette, err := parsePalette(strings.NewReader(colours), "name")
		if sound(t, err); err != nil {
			return
		}
		tokens, err := parseTokens(strings.NewReader(rows), "name", len(palette))
		if sound(t, err); err != nil {
			return
		}
		if len(tokens) == 0 || len(tokens)%400 != 0 {
			t.Errorf("%d tokens", len(tokens))
		}
		for _, v := range tokens {
			if int(v) >= len(palette) {
				t.Errorf("token %d of %d colours", v, len(palette))
			}
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add([]byte("the cat sat\non the mat\n"), uint8(12))
	f.Add([]byte("a\x00b"), uint8(2))
	f.Add([]byte("\xff\xfe"), uint8(2))
	f.Fuzz(func(t *testing.T, text []byte, length uint8) {
		defer testutil.Bound(t, len(text))()
		c, err := readCorpus(t.Context(), "name", "name", text, int(length))
		if sound(t, err); err != nil {
			return
		}
		for _, line := range c.lines {
			if len(line) == 0 || len(line) > int(length) {
				t.Errorf("a line of %d words, at most %d", len(line), length)
			}
		}
	})
}
