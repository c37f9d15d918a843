package runners

import (
	"strings"
	"testing"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/cite"
)

// Every recipe of the program parses, names a source that is in the bibliography, and has a hash of its own.
func TestShippedRecipes(t *testing.T) {
	seen := map[string]string{}
	for _, name := range Recipes() {
		r, err := OpenRecipe(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cite.Lookup(r.Paper); r.Name != name || r.Title == "" || err != nil {
			t.Errorf("%s: name %q, title %q, source %v", name, r.Name, r.Title, err)
		}
		if other := seen[r.Hash()]; other != "" {
			t.Errorf("%s and %s have one hash", name, other)
		}
		seen[r.Hash()] = name
	}
	if len(seen) < 5 {
		t.Errorf("%d recipes", len(seen))
	}
}

const fullRecipe = `recipe: mine
title: t
channels: grey
steps:
  - square: centre
    round: down
  - resize: 8x9
    filter: pillow-lanczos
size: 8x9
split: a/val
order: shuffled
seed: 7
limit: 12
images: 50
format: npz
`

func TestParseRecipe(t *testing.T) {
	r, err := ParseRecipe("r.yaml", []byte(fullRecipe))
	if err != nil {
		t.Fatal(err)
	}
	want := "assay recipe 1\nrecipe: mine\nchannels: grey\nstep: centre square, rounded down\nstep: resize to 8 x 9 by pillow-lanczos\nsize: 8x9\nsplit: a/val\norder: shuffled\nseed: 7\nlimit: 12\n"
	if r.Text() != want {
		t.Errorf("text %q", r.Text())
	}
	if r.Images != 50 || r.Format != "npz" || len(r.Steps) != 2 || r.Steps[0].Kind != imaging.StepSquare {
		t.Errorf("%+v", r)
	}
}

// Every line of a recipe that decides pixels or images changes the hash; the others do not.
func TestRecipeHash(t *testing.T) {
	base, err := ParseRecipe("r.yaml", []byte(fullRecipe))
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"channels: grey": "channels: rgb", "pillow-lanczos": "pillow-box", "round: down": "round: nearest", "resize: 8x9": "resize: 9x8", "seed: 7": "seed: 8", "limit: 12": "limit: 13", "a/val": "b",
		"size: 8x9\nsplit": "split"} {
		r, err := ParseRecipe("r.yaml", []byte(strings.Replace(fullRecipe, from, to, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if r.Hash() == base.Hash() {
			t.Errorf("%s and %s give one hash", from, to)
		}
	}
	for from, to := range map[string]string{"title: t": "title: u", "format: npz": "format: zip", "images: 50": "images: 51"} {
		r, err := ParseRecipe("r.yaml", []byte(strings.Replace(fullRecipe, from, to, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if r.Hash() != base.Hash() {
			t.Errorf("%s changes the hash", to)
		}
	}
}

// A recipe says all that it does, and every error names its line.
func TestRecipeErrors(t *testing.T) {
	for text, want := range map[string]string{
		"title: x":                                                  "the recipe has no name",
		"recipe: Mine":                                              "line 1: recipe: \"Mine\"",
		"recipe: a\nsteps:\n  - crop: 8x8":                          "line 3: step crop: it needs round",
		"recipe: a\nsteps:\n  - resize: 8x8":                        "line 3: step resize: it needs filter",
		"recipe: a\nsteps:\n  - halve: 8\n    round: down":          "line 3: step halve: it has no round",
		"recipe: a\nsteps:\n  - halve: 8\n    short: 9":             "want one of halve, short, resize, square, crop, found 2",
		"recipe: a\nsteps:\n  - resize: 8x8\n    filter: pilow-box": "pillow-box",
		"recipe: a\nsteps:\n  - resize: 8\n    filter: pillow-box":  "want height x width",
		"recipe: a\nsteps:\n  - resize: 9999x8\n    filter: area":   "more than 8192 pixels",
		"recipe: a\nstep: 1":                                        "steps",
		"recipe: a\norder: random":                                  "shuffled",
		"recipe: a\nseed: 3":                                        "seed is of order: shuffled",
		"recipe: a\nsplit: ../b":                                    "want a folder of the source",
		"recipe: a\nsteps:\n  - square: left\n    round: down":      "centre",
		"recipe: a\nlimit: 0":                                       "limit: 0 is not allowed",
		"recipe: a\nrecipe: b":                                      "there twice",
		"":                                                          "the file is empty",
	} {
		_, err := ParseRecipe("r.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "r.yaml: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := OpenRecipe("adm256"); err == nil || !strings.Contains(err.Error(), "adm-256") {
		t.Errorf("unknown name: %v", err)
	}
}

func FuzzParseRecipe(f *testing.F) {
	f.Add([]byte(fullRecipe))
	f.Add([]byte("recipe: a\nsteps:\n  - halve: 8\n"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		if r, err := ParseRecipe("r.yaml", text); err == nil {
			_ = r.Hash()
		}
	})
}
