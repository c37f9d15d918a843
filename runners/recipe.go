package runners

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/suggest"
)

//go:embed recipes/*.yaml
var recipeFiles embed.FS

var recipes = shelf{recipeFiles, "recipes", "recipe"}

// Recipe is how a reference set is prepared from raw images: which of them, in which order, and what is done to each.
type Recipe struct {
	Name  string
	Title string
	Paper string // bib label, "" where there is none
	imaging.Recipe
	Split  string // take only the images below this folder of the source; "" for all
	Order  string // ByName, or Shuffled by Seed: decides which images Limit takes, and the order of an array's rows
	Seed   uint64
	Limit  int    // take the first so many, 0 for all
	Images int    // how many the set is known to have, 0 where it may be any number; another number is a warning
	Format string // png, zip or npz; "" leaves it to the ending of the output's name
}

// The orders of a recipe.
const (
	ByName   = "name"     // of the source's paths, byte by byte
	Shuffled = "shuffled" // by the stream of the recipe's seed
)

// Recipes lists the names of the embedded recipes.
func Recipes() []string { return recipes.names() }

// OpenRecipe reads an embedded recipe by its name, or a file by its path (anything with a slash or the ending .yaml or .yml).
func OpenRecipe(name string) (*Recipe, error) {
	if isPath(name) {
		text, err := inputfile.Read(name, maxSuite)
		if err != nil {
			return nil, err
		}
		return ParseRecipe(name, text)
	}
	text, err := recipes.text(name)
	if err != nil {
		return nil, err
	}
	return ParseRecipe(name+".yaml", text)
}

// ParseRecipe reads a recipe from YAML. The file's name serves messages, which name the line.
func ParseRecipe(file string, text []byte) (*Recipe, error) {
	p := recipeReader{reader{file: file, needs: "recipe"}, &Recipe{Order: ByName}}
	doc, err := p.document(text)
	if err != nil {
		return nil, err
	}
	if err := p.read(doc); err != nil {
		return nil, err
	}
	if p.to.Name == "" {
		return nil, p.errAt(doc.Line, "the recipe has no name: add recipe: NAME")
	}
	if p.to.Order == ByName && p.to.Seed != 0 {
		return nil, p.errAt(doc.Line, "seed is of order: shuffled")
	}
	return p.to, nil
}

type recipeReader struct {
	reader
	to *Recipe
}

var recipeName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,59}$`)

func (p recipeReader) read(doc *yaml.Node) error {
	r := p.to
	return p.mapping(doc, "recipe",
		field{"recipe", func(n *yaml.Node) (err error) {
			if r.Name, err = p.word(n, "recipe"); err == nil && !recipeName.MatchString(r.Name) {
				err = p.errAt(n.Line, "recipe: %q: want small letters, digits, dots and dashes", r.Name)
			}
			return err
		}},
		field{"title", p.text(&r.Title, "title")},
		field{"paper", p.text(&r.Paper, "paper")},
		field{"channels", func(n *yaml.Node) error {
			word, err := p.choice(n, "channels", "rgb", "grey", "keep")
			r.Channels = map[string]int{"rgb": 3, "grey": 1}[word]
			return err
		}},
		field{"steps", func(n *yaml.Node) error { return p.list(n, "steps", p.step) }},
		field{"size", func(n *yaml.Node) (err error) { r.H, r.W, err = p.size(n, "size"); return err }},
		field{"split", func(n *yaml.Node) (err error) {
			if r.Split, err = p.word(n, "split"); err == nil && (path.Clean("/"+r.Split) != "/"+r.Split || r.Split == "") {
				err = p.errAt(n.Line, "split: %q: want a folder of the source, such as val", r.Split)
			}
			return err
		}},
		field{"order", func(n *yaml.Node) (err error) { r.Order, err = p.choice(n, "order", ByName, Shuffled); return err }},
		field{"seed", func(n *yaml.Node) error { v, err := p.integer(n, "seed", 1); r.Seed = uint64(v); return err }},
		field{"limit", p.count(&r.Limit, "limit")},
		field{"images", p.count(&r.Images, "images")},
		field{"format", func(n *yaml.Node) (err error) { r.Format, err = p.choice(n, "format", "png", "zip", "npz"); return err }},
	)
}

func (p recipeReader) text(to *string, key string) func(*yaml.Node) error {
	return func(n *yaml.Node) (err error) { *to, err = p.word(n, key); return err }
}

func (p recipeReader) count(to *int, key string) func(*yaml.Node) error {
	return func(n *yaml.Node) error { v, err := p.integer(n, key, 1); *to = int(v); return err }
}

func (p recipeReader) choice(n *yaml.Node, key string, have ...string) (string, error) {
	word, err := p.word(n, key)
	if err == nil && !slices.Contains(have, word) {
		err = p.errAt(n.Line, "%s: %w", key, suggest.Unknown("choice", word, have))
	}
	return word, err
}

var sizeText = regexp.MustCompile(`^([1-9][0-9]{0,4})x([1-9][0-9]{0,4})$`)

// size reads height x width.
func (p recipeReader) size(n *yaml.Node, key string) (h, w int, err error) {
	word, err := p.word(n, key)
	if err != nil {
		return 0, 0, err
	}
	m := sizeText.FindStringSubmatch(word)
	if m == nil {
		return 0, 0, p.errAt(n.Line, "%s: %q: want height x width, such as 256x256", key, word)
	}
	h, _ = strconv.Atoi(m[1]) // digits
	w, _ = strconv.Atoi(m[2])
	return h, w, nil
}

// step reads one step: the key that names it, and what belongs to that kind.
func (p recipeReader) step(n *yaml.Node) error {
	var s imaging.Step
	kinds := 0
	is := func(k imaging.StepKind, read func(*yaml.Node) error) field {
		return field{string(k), func(n *yaml.Node) error { kinds, s.Kind = kinds+1, k; return read(n) }}
	}
	side := func(n *yaml.Node) error { v, err := p.integer(n, "pixels", 1); s.H = int(v); return err }
	both := func(n *yaml.Node) (err error) { s.H, s.W, err = p.size(n, "size"); return err }
	err := p.mapping(n, "step",
		is(imaging.StepHalve, side), is(imaging.StepShort, side), is(imaging.StepResize, both), is(imaging.StepCrop, both),
		is(imaging.StepSquare, func(n *yaml.Node) error { _, err := p.choice(n, "square", "centre"); return err }),
		field{"filter", func(n *yaml.Node) error {
			word, err := p.word(n, "filter")
			if s.Filter = imaging.Resampler(word); err == nil && !slices.Contains(imaging.Resamplers(), s.Filter) {
				err = p.errAt(n.Line, "filter: %w", suggest.Unknown("resampler", word, resamplerNames()))
			}
			return err
		}},
		field{"round", func(n *yaml.Node) error {
			word, err := p.choice(n, "round", string(imaging.Down), string(imaging.Nearest))
			s.Round = imaging.Rounding(word)
			return err
		}},
	)
	if err != nil {
		return err
	}
	if kinds != 1 {
		return p.errAt(n.Line, "step: want one of halve, short, resize, square, crop, found %d", kinds)
	}
	p.to.Steps = append(p.to.Steps, s)
	return p.belongs(n.Line, s)
}

// belongs holds a step to the keys of its kind: one that is missing or that would say nothing is an error, so that a recipe says all that it does.
func (p recipeReader) belongs(line int, s imaging.Step) error {
	filter := s.Kind == imaging.StepShort || s.Kind == imaging.StepResize
	round := s.Kind == imaging.StepShort || s.Kind == imaging.StepSquare || s.Kind == imaging.StepCrop
	for _, k := range []struct {
		key         string
		wants, have bool
	}{{"filter", filter, s.Filter != ""}, {"round", round, s.Round != ""}} {
		switch {
		case k.wants && !k.have:
			return p.errAt(line, "step %s: it needs %s", s.Kind, k.key)
		case !k.wants && k.have:
			return p.errAt(line, "step %s: it has no %s", s.Kind, k.key)
		}
	}
	if max(s.H, s.W) > maxSide {
		return p.errAt(line, "step %s: more than %d pixels a side", s.Kind, maxSide)
	}
	return nil
}

// maxSide bounds what a step makes of an image.
const maxSide = 8192

func resamplerNames() []string {
	var names []string
	for _, r := range imaging.Resamplers() {
		names = append(names, string(r))
	}
	return names
}

// Text is the recipe in its canonical form, which names everything that decides a pixel or which images there are, and nothing else: title, source and format do
// not enter.
func (r *Recipe) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "assay recipe 1\nrecipe: %s\nchannels: %s\n", r.Name, map[int]string{0: "keep", 1: "grey", 3: "rgb"}[r.Channels])
	for _, s := range r.Steps {
		fmt.Fprintf(&b, "step: %s\n", s)
	}
	if r.H > 0 {
		fmt.Fprintf(&b, "size: %dx%d\n", r.H, r.W)
	}
	if r.Split != "" {
		fmt.Fprintf(&b, "split: %s\n", r.Split)
	}
	fmt.Fprintf(&b, "order: %s\n", r.Order)
	if r.Order == Shuffled {
		fmt.Fprintf(&b, "seed: %d\n", r.Seed)
	}
	if r.Limit > 0 {
		fmt.Fprintf(&b, "limit: %d\n", r.Limit)
	}
	return b.String()
}

// Hash is the sha256 of Text, in hexadecimal.
func (r *Recipe) Hash() string {
	sum := sha256.Sum256([]byte(r.Text()))
	return hex.EncodeToString(sum[:])
}
