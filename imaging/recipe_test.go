package imaging

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// formula is the image (37x + 61y + 101k + 7xy) mod 256.
func formula(t *testing.T, h, w, c int) *Image {
	t.Helper()
	m, err := New(h, w, c)
	if err != nil {
		t.Fatal(err)
	}
	for y := range h {
		for x := range w {
			for k := range c {
				m.Pix[(y*w+x)*c+k] = uint8(37*x + 61*y + 101*k + 7*x*y)
			}
		}
	}
	return m
}

// The expected sums are those of Pillow 11.3 and 12.0 and numpy (Pillow 13 resamples down the columns first at some sizes, here for the second recipe on the second
// image, with up to 4 levels between): center_crop_arr of guided-diffusion at 256; clean-fid's make_resizer("PIL", True, "bicubic", (256, 256)); the
// centre square and Lanczos of StyleGAN's dataset tool; torchvision's Resize(64) and CenterCrop(51), which rounds its margin to the even neighbour.
func TestRecipesAgainstPillow(t *testing.T) {
	recipes := []Recipe{
		{Channels: 3, Steps: []Step{{Kind: StepHalve, H: 256}, {Kind: StepShort, H: 256, Filter: PillowBicubic, Round: Nearest}, {Kind: StepCrop, H: 256, W: 256, Round: Down}}, H: 256, W: 256},
		{Channels: 3, Steps: []Step{{Kind: StepResize, H: 256, W: 256, Filter: PillowBicubic}}},
		{Channels: 3, Steps: []Step{{Kind: StepSquare, Round: Down}, {Kind: StepResize, H: 256, W: 256, Filter: PillowLanczos}}},
		{Channels: 3, Steps: []Step{{Kind: StepShort, H: 64, Filter: PillowBilinear, Round: Down}, {Kind: StepCrop, H: 51, W: 51, Round: Nearest}}},
	}
	for _, c := range []struct {
		h, w, c int
		sums    [4]string
	}{
		{301, 422, 3, [4]string{"9f0c14dd84211a88", "db658ec76e3acf39", "e44d8a09a04a6302", "f7238408b5d1bc60"}},
		{1030, 517, 3, [4]string{"688bfd4de8050163", "898248601ff6e09f", "2abdd41303069054", "97a6b25993fc25f0"}},
		{256, 256, 1, [4]string{"ce4ddc5beae2d24e", "ce4ddc5beae2d24e", "ce4ddc5beae2d24e", "6f616513a01b0a00"}},
		{97, 211, 3, [4]string{"c6246b1aef4177ff", "053858c52119adf4", "eef88ff8869a9b00", "b3204469326fe170"}},
		{1201, 2049, 1, [4]string{"b9c2be00f5ea588e", "b01c6684e2417217", "d2583b432b4290ea", "dff1e29c984c69a2"}},
	} {
		m := formula(t, c.h, c.w, c.c)
		before := m.Key()
		for i, r := range recipes {
			got, err := r.Apply(m)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(got.Pix)
			if have := hex.EncodeToString(sum[:8]); have != c.sums[i] {
				t.Errorf("recipe %d on %d x %d x %d: %s, Pillow gives %s", i, c.h, c.w, c.c, have, c.sums[i])
			}
		}
		if m.Key() != before {
			t.Error("the image given was changed")
		}
	}
}

func TestRecipeRefuses(t *testing.T) {
	for want, r := range map[string]Recipe{
		"a crop of 9 x 4 is larger": {Steps: []Step{{Kind: StepCrop, H: 9, W: 4, Round: Down}}},
		"the recipe states 32 x 32": {H: 32, W: 32},
		"pixels: crop it first":     {Steps: []Step{{Kind: StepShort, H: 8192, Filter: PillowBox, Round: Down}}},
		`unknown step "turn"`:       {Steps: []Step{{Kind: "turn"}}},
	} {
		m := formula(t, 8, 8, 1)
		if strings.HasPrefix(want, "pixels") {
			m = formula(t, 1, 8, 1)
		}
		_, err := r.Apply(m)
		if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, ErrShape) && !errors.Is(err, ErrLimit) {
			t.Errorf("%v: %v", r, err)
		}
	}
}
