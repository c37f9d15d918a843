package imaging

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestJPEGPixels holds the decoder to Pillow's pixels, to the bit: the hashes are of Image.open(f).convert("RGB" or "L").tobytes() under Pillow 13.0 with
// libjpeg-turbo 3.2. The files were written by Pillow and turbojpeg from a pattern of waves, edges and noise: every sampling, progressive, with restarts, grey, RGB, CMYK.
func TestJPEGPixels(t *testing.T) {
	for _, tt := range [][2]string{
		{"17x33-420-30-0", "b98b6d7664fc58916b2a1598547523bc6d16795de65b254c82e475fb57883473"},
		{"17x33-420-90-1", "8a56be07ced02428c366efcb939f35f6312775371646b1002e4b9e77a13b5f2e"},
		{"31x47-422-30-0", "b0794083f51d26b43e4ba1966c8d2b291a75299f2e889b5a1fb0e5b1cbdae25f"},
		{"7x9-444-90-0", "ab86384575dde47d83f2bd1476db70fc0cf403c461b891b24112549589e4ae65"},
		{"32x32-grey-30", "e041dc6241c9665a11e5f88a1b31576b46b73028a2af4fa7691fce37666fde09"},
		{"17x33-cmyk-30", "4dae1c02c8446c254a5d92b4c204ada90dcfe65df862968838ffdcc78736cf82"},
		{"17x33-rgb", "75495de678913013d668561561a79de457ac5169c5420b7efdd50a7250ad1e78"},
		{"31x47-rst", "e1d6920e49f64de81d3e8b3344f74a8d5b4f4af4e3b0e2c15f8c2be8cbb5c4fc"},
		{"64x40-rstp", "d60ffd826dff02084a303c2ace9c92a7469f3ae71f1ecd806bd859eb51ea3ca1"},
		{"3x5-420-30-1", "8f1dd1335817b1a90efb005c96fb64aa9ffd8e4670692a6ab380069f8f534f0a"},
		{"17x33-440-0", "865f73a9a838482ba9cb9bcce06bd95993bbb3bf83188b0c8a49de98b9157710"},
		{"17x33-411-0", "f64b4f462c05dcb398649f3d1e2597574e1d04d22c31c6c82aa7b4af2f0022cc"},
	} {
		m, _, err := DecodeFile(filepath.Join("testdata", "jpeg", tt[0]+".jpg"))
		if err != nil {
			t.Error(err)
			continue
		}
		if sum := sha256.Sum256(m.Pix); hex.EncodeToString(sum[:]) != tt[1] {
			t.Errorf("%s: other pixels than Pillow's", tt[0])
		}
	}
}

// TestJPEGRefuses: what is not read says so with what to do, and damage is no picture.
func TestJPEGRefuses(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join("testdata", "jpeg", "17x33-420-30-0.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	frame := bytes.Index(whole, []byte("\xff\xc0"))
	edit := func(at int, v byte) []byte {
		b := bytes.Clone(whole)
		b[at] = v
		return b
	}
	thirds := edit(frame+11, 0x32)
	thirds[frame+14] = 0x21
	for name, tt := range map[string]struct {
		data []byte
		text string
	}{
		"arithmetic":       {edit(frame+1, 0xc9), "arithmetic coding is not read: save as PNG"},
		"lossless":         {edit(frame+1, 0xc3), "save as PNG"},
		"12 bits":          {edit(frame+4, 12), "12 bits a sample are not read: save as PNG"},
		"2 against 3":      {thirds, "sampling 2x1 against 3x2 is not read: save as PNG"},
		"no height":        {append(append(bytes.Clone(whole[:frame+5]), 0, 0), whole[frame+7:]...), "0 x 33 pixels"},
		"cut in the data":  {whole[:len(whole)-40], "the data end early"},
		"cut in the frame": {whole[:frame+6], "the data end early"},
		"without an end":   {whole[:len(whole)-2], "the data end early"},
	} {
		_, _, err := Limits{}.DecodeBytes(tt.data, name)
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: %v, want %q", name, err, tt.text)
		}
	}
}

func FuzzJPEG(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "jpeg", "*.jpg"))
	if err != nil || len(files) == 0 {
		f.Fatal("no files", err)
	}
	for _, p := range files {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, _, err := (Limits{Pixels: 1 << 14}).DecodeBytes(data, "x.jpg")
		if err == nil && len(m.Pix) != m.H*m.W*m.C {
			t.Errorf("%d x %d x %d with %d values", m.H, m.W, m.C, len(m.Pix))
		}
	})
}

func BenchmarkJPEG(b *testing.B) {
	data, err := os.ReadFile(filepath.Join("testdata", "jpeg", "64x40-rstp.jpg"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(64 * 40 * 3)
	for b.Loop() {
		if _, _, err := (Limits{}).DecodeBytes(data, "x"); err != nil {
			b.Fatal(err)
		}
	}
}
