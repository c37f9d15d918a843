package imaging

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// hasPillow: from 13.0 on Pillow resamples down the columns first at some sizes, which moves bytes by up to 4 levels. The published references are of the versions before.
const hasPillow = "import PIL.Image; assert int(PIL.__version__.split('.')[0]) < 13"

// python runs a script under an interpreter that has Pillow, or skips the test.
func python(t *testing.T, script string, stdin []byte, args ...string) []byte {
	t.Helper()
	for _, exe := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(exe, "-c", hasPillow).Run() != nil {
			continue
		}
		cmd := exec.Command(exe, append([]string{"-c", script}, args...)...)
		var out, errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &out, &errs
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s", exe, err, errs.String())
		}
		return out.Bytes()
	}
	t.Skip("no python3 with Pillow before 13: apt-get install python3-pil")
	return nil
}

type pillowCase struct {
	Filter         int // Pillow's number: 0 nearest, 1 lanczos, 2 bilinear, 3 bicubic, 4 box, 5 hamming
	Float          bool
	SH, SW, DH, DW int
	C              int
	name           Resampler
	pix            []uint8
}

const pillowResize = `
import sys, json, struct
from PIL import Image
head = json.loads(sys.stdin.buffer.readline())
for c in head:
    h, w, n = c["SH"], c["SW"], c["SH"] * c["SW"] * c["C"]
    raw = sys.stdin.buffer.read(n)
    if c["Float"]:
        im = Image.frombytes("L", (w, h), raw).convert("F")
    else:
        im = Image.frombytes("RGB" if c["C"] == 3 else "L", (w, h), raw)
    sys.stdout.buffer.write(im.resize((c["DW"], c["DH"]), c["Filter"]).tobytes())
`

// TestAgainstPillow holds every Pillow resampler to the bit (bytes) or to the last float32 digits (floats: libm's sine may differ in the last
// bit) over random sizes.
func TestAgainstPillow(t *testing.T) {
	filters := []struct {
		number     int
		fixed, flo Resampler
	}{{0, PillowNearest, ""}, {1, PillowLanczos, PillowLanczosFloat}, {2, PillowBilinear, PillowBilinearFloat},
		{3, PillowBicubic, PillowBicubicFloat}, {4, PillowBox, PillowBoxFloat}, {5, PillowHamming, PillowHammingFloat}}
	s := rng.Stream(4, "pillow")
	size := func() int { return 1 + s.IntN(1<<(1+s.IntN(7))) }
	var cases []pillowCase
	for range 40 {
		for _, f := range filters {
			c := pillowCase{Filter: f.number, SH: size(), SW: size(), DH: size(), DW: size(), C: 1 + 2*s.IntN(2), name: f.fixed}
			if f.flo != "" && s.IntN(2) == 0 {
				c.Float, c.C, c.name = true, 1, f.flo
			}
			c.pix = make([]uint8, c.SH*c.SW*c.C)
			extreme := s.IntN(3) == 0 // black and white only: the overshoot clips
			for i := range c.pix {
				if c.pix[i] = uint8(s.Uint32()); extreme {
					c.pix[i] = uint8(int8(c.pix[i]) >> 7)
				}
			}
			cases = append(cases, c)
		}
	}
	var in bytes.Buffer
	if err := json.NewEncoder(&in).Encode(cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		in.Write(c.pix)
	}
	out := python(t, pillowResize, in.Bytes())
	for _, c := range cases {
		p, err := c.name.Plan(c.SH, c.SW, c.DH, c.DW)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Bytes(&Image{H: c.SH, W: c.SW, C: c.C, Pix: c.pix})
		if err != nil {
			t.Fatal(err)
		}
		what := fmt.Sprintf("%s %dx%dx%d to %dx%d", c.name, c.SH, c.SW, c.C, c.DH, c.DW)
		for i, v := range got {
			want, size := float64(out[0]), 1
			if c.Float {
				want, size = float64(math.Float32frombits(binary.LittleEndian.Uint32(out))), 4
			}
			tol := 0.0
			if c.Float {
				tol = 1e-4
			}
			if math.Abs(float64(v)-want) > tol {
				t.Fatalf("%s: value %d is %v, Pillow has %v", what, i, v, want)
			}
			out = out[size:]
		}
	}
	if len(out) != 0 {
		t.Errorf("%d bytes of Pillow's left over", len(out))
	}
}

const pillowFiles = `
import sys, os
from PIL import Image
d = sys.argv[1]
n = lambda x, y, k: (37 * x + 61 * y + 101 * k + 7 * x * y) % 256
rgb = Image.frombytes("RGB", (9, 7), bytes(n(x, y, k) for y in range(7) for x in range(9) for k in range(3)))
grey = Image.frombytes("L", (9, 7), bytes(n(x, y, 0) for y in range(7) for x in range(9)))
rgba = rgb.copy(); rgba.putalpha(grey)
def save(name, im, **kw):
    p = os.path.join(d, name)
    im.save(p, **kw)
    r = Image.open(p)
    open(p + ".raw", "wb").write(r.convert("L" if r.mode in ("L", "1") else "RGB").tobytes())
save("rgb.png", rgb); save("grey.png", grey); save("rgba.png", rgba); save("la.png", Image.merge("LA", (grey, grey)))
save("bit.png", grey.convert("1")); save("palette.png", rgb.quantize(13)); save("rgb.bmp", rgb); save("palette.bmp", rgb.quantize(13))
save("rgb.gif", rgb.quantize(200)); save("rgb.webp", rgb, lossless=True); save("lossy.webp", grey.resize((64, 64), 2).convert("RGB"), quality=90)
save("rgb.jpg", rgb.resize((64, 64), 2), quality=95, subsampling=0); save("grey.jpg", grey.resize((64, 64), 2), quality=95)
save("cmyk.jpg", rgb.resize((64, 64), 2).convert("CMYK"), quality=95)
for k, sub in enumerate(("444", "422", "420")):
    for prog in (False, True):
        save("wave%s%d.jpg" % (sub, prog), rgb.resize((37, 51), 3), quality=60, subsampling=k, progressive=prog)
save("rgb.tif", rgb); save("grey.tiff", grey, compression="tiff_lzw"); save("rgba.tif", rgba, compression="tiff_deflate"); save("palette.tif", rgb.quantize(13))
save("bit.tif", grey.convert("1")); save("packed.tif", rgb, compression="packbits"); save("rgb.ppm", rgb); save("grey.pgm", grey); save("bit.pbm", grey.convert("1"))
def raw(name, data):
    p = os.path.join(d, name)
    open(p, "wb").write(data)
    r = Image.open(p)
    open(p + ".raw", "wb").write(r.convert("L" if r.mode in ("L", "1") else "RGB").tobytes())
raw("text.ppm", b"P3 # a comment\n3 2\n100\n" + b" ".join(b"%d" % (i * 37 % 101) for i in range(18)) + b"\n")
raw("text.pgm", b"P2\n3 2 31\n1 2 3\n29 30 31\n")
raw("text.pbm", b"P1 3 2\n1 0 1\n0 1 1\n")
raw("wide.ppm", b"P6 3 2 65535\n" + bytes((i * 73 + 11) % 256 for i in range(36)))
raw("dim.pgm", b"P5 3 2 200\n" + bytes([0, 1, 99, 100, 199, 200]))
`

// TestFilesAgainstPillow reads files that Pillow wrote: all but lossy WebP to the bit.
func TestFilesAgainstPillow(t *testing.T) {
	dir := t.TempDir()
	python(t, pillowFiles, nil, dir)
	files, err := filepath.Glob(filepath.Join(dir, "*.raw"))
	if err != nil || len(files) != 34 {
		t.Fatal(len(files), err)
	}
	for _, raw := range files {
		path := raw[:len(raw)-len(".raw")]
		m, _, err := DecodeFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		want, err := os.ReadFile(raw)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		tol := map[string]int{"lossy.webp": 2}[name]
		if len(m.Pix) != len(want) {
			t.Errorf("%s: %d values, Pillow has %d", name, len(m.Pix), len(want))
			continue
		}
		worst := 0
		for i, v := range m.Pix {
			worst = max(worst, int(v)-int(want[i]), int(want[i])-int(v))
		}
		if worst > tol {
			t.Errorf("%s: differs from Pillow by up to %d levels, allowed %d", name, worst, tol)
		}
	}
}
