package reports

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// contrast is the ratio of WCAG 2: of relative luminances, each lifted by 0.05 for the light of the room.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(hex string) float64 {
		if len(hex) == 4 {
			hex = "#" + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:3], 2) + strings.Repeat(hex[3:4], 2)
		}
		sum := 0.
		for i, weight := range []float64{.2126, .7152, .0722} {
			v, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(hex, err)
			}
			c := float64(v) / 255
			if c <= .04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	x, y := light(a), light(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

// The measure itself: black on white is 21 : 1, and #767676 is known as the lightest grey that text may have on white.
func TestContrast(t *testing.T) {
	if got := contrast(t, "#000", "#ffffff"); math.Abs(got-21) > 1e-9 {
		t.Error(got)
	}
	if a, b := contrast(t, "#767676", "#fff"), contrast(t, "#777777", "#fff"); a < 4.5 || b >= 4.5 {
		t.Error(a, b)
	}
}

// Every colour of text is read on every ground there is (4.5 : 1), and every colour of lines and dots is seen on the grounds of figures (3 : 1): in light, in dark and
// in print.
func TestColoursAreReadable(t *testing.T) {
	css, err := pageFiles.ReadFile("page/page.css")
	if err != nil {
		t.Fatal(err)
	}
	themes := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(css), -1)
	if len(themes) != 3 {
		t.Fatalf("%d themes, light, dark and print are wanted", len(themes))
	}
	colours := map[string]string{}
	for i, theme := range themes {
		for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]+);`).FindAllStringSubmatch(theme[1], -1) {
			colours[m[1]] = m[2] // what print does not say may be as in dark
		}
		for _, ground := range []string{"paper", "card", "tint", "good-bg", "bad-bg", "note-bg"} {
			for _, text := range []string{"ink", "soft", "faint", "accent", "good", "bad", "note"} {
				if c := contrast(t, colours[text], colours[ground]); c < 4.5 {
					t.Errorf("theme %d: %s on %s is %.2f : 1", i, text, ground, c)
				}
			}
		}
		for _, ground := range []string{"paper", "card"} {
			for k := range palette {
				if c := contrast(t, colours[fmt.Sprint("c", k)], colours[ground]); c < 3 {
					t.Errorf("theme %d: model %d on %s is %.2f : 1", i, k, ground, c)
				}
			}
			for k := range lossColours {
				if c := contrast(t, colours[fmt.Sprint("l", k)], colours[ground]); c < 3 {
					t.Errorf("theme %d: loss %d on %s is %.2f : 1", i, k, ground, c)
				}
			}
		}
	}
}

// The eleventh model has the first one's colour and another dot, static and interactive; ten need no shapes.
func TestMoreModelsThanColours(t *testing.T) {
	many := func(n int) []Record {
		var recs []Record
		for i := range n {
			for seed := range 2 {
				r := rec(id(i, seed), "fd", float64(1+i)+rng.Stream(uint64(seed), "x").Float64())
				r.Model, r.Seed = fmt.Sprintf("m%02d", i), uint64(seed)
				recs = append(recs, r)
			}
		}
		return recs
	}
	charts, err := distributions(report(t, NewRun("x", many(12)), Options{}))
	if err != nil || len(charts) != 1 {
		t.Fatal(charts, err)
	}
	static, spec := string(charts[0].Static), string(charts[0].Spec)
	for want, times := range map[string]int{`<circle class="dot c0"`: 2, `<path class="dot c0 k1"`: 2, `<path class="dot c1 k1"`: 2, `<circle class="dot c0 k1"`: 0} {
		if got := strings.Count(static, want); got != times {
			t.Errorf("%d of %s", got, want)
		}
	}
	if shapes := strings.Repeat(`"circle",`, 10) + `"square","square"`; !strings.Contains(spec, shapes) {
		t.Errorf("no %s in %s", shapes, spec)
	}
	var page bytes.Buffer
	if err := HTML(&page, report(t, NewRun("x", many(12)), Options{Bare: true})); err != nil || !strings.Contains(page.String(), `<i class="swatch c0 k1"></i>m10`) {
		t.Error("the table's swatch has no shape", err)
	}
	if charts, err = distributions(report(t, NewRun("x", many(10)), Options{})); err != nil || strings.Contains(string(charts[0].Spec), "square") {
		t.Error("ten models have shapes", err)
	}
}
