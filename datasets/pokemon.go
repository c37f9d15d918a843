package datasets

import (
	"bufio"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"strings"
)

// Pokemon is the colour-token set of the lecture on pixel-by-pixel generation: 792 pictures of 20 x 20 pixels, each pixel one of 167 palette colours.
// Train, Test and Hold hold the RGB images; Tokens holds the palette and the indices, for models that predict colours as classes. One body of images: a tenth
// is for testing, by a permutation of the seed.
type Pokemon struct{}

var _ Dataset = Pokemon{}

// Limits of the two text files: sixteen-bit tokens, and a hundred times the real number of rows.
const (
	pokemonSide   = 20
	maxPalette    = 1 << 16
	maxPokemon    = 100_000
	maxPokemonRow = 1 << 16 // bytes
)

// Info describes the set.
func (Pokemon) Info() Info {
	return Info{
		ID: "pokemon", Title: "20x20 creature sprites in 167 palette colours", Kind: Images, Shape: []int{pokemonSide, pokemonSide, 3},
		Files: "pixel_color.txt (plain or .gz) and colormap.txt, also in pokemon/",
		Paper: "oord2016", License: "the art belongs to its owners; for private trials only",
	}
}

// Load reads the palette and the token rows.
func (k Pokemon) Load(ctx context.Context, o Options) (*Set, error) {
	info := k.Info()
	if _, err := resolve(info, o.Params); err != nil {
		return nil, err
	}
	dir, err := dataDir(info.ID, o)
	if err != nil {
		return nil, err
	}
	var palette [][3]uint8
	if err := readText(ctx, info.ID, dir, "colormap.txt", "pixel_color.txt", func(r io.Reader, name string) (err error) {
		palette, err = parsePalette(r, name)
		return err
	}); err != nil {
		return nil, err
	}
	var tokens []uint16
	if err := readText(ctx, info.ID, dir, "pixel_color.txt", "colormap.txt", func(r io.Reader, name string) (err error) {
		tokens, err = parseTokens(r, name, len(palette))
		return err
	}); err != nil {
		return nil, err
	}
	const dim = pokemonSide * pokemonSide
	parts, err := splitOne(info.ID, o, len(tokens)/dim)
	if err != nil {
		return nil, err
	}
	set := &Set{Info: info, Tokens: &Tokens{Palette: palette}}
	for i, to := range []struct {
		samples **Samples
		tokens  *[]uint16
	}{{&set.Train, &set.Tokens.Train}, {&set.Test, &set.Tokens.Test}, {&set.Hold, &set.Tokens.Hold}} {
		for _, row := range parts[i] {
			*to.tokens = append(*to.tokens, tokens[row*dim:(row+1)*dim]...)
		}
		*to.samples = paint(*to.tokens, palette, info.Shape)
	}
	return set, nil
}

// paint looks the tokens up in the palette.
func paint(tokens []uint16, palette [][3]uint8, shape []int) *Samples {
	s := &Samples{Shape: shape, Data: make([]float32, 0, 3*len(tokens))}
	for _, t := range tokens {
		for _, v := range palette[t] {
			s.Data = append(s.Data, levels[v])
		}
	}
	return s
}

// readText finds one of the two files, plain or gzip, and parses it.
func readText(ctx context.Context, id, dir, file, partner string, parse func(r io.Reader, name string) error) error {
	dirs := []string{dir, filepath.Join(dir, "pokemon")}
	path := findFile(dirs, []string{file, file + ".gz"})
	if path == "" {
		if p := findFile(dirs, []string{partner, partner + ".gz"}); p != "" {
			return missing("%s: %s is there, but not %s[.gz] beside it: add the missing file", id, p, file)
		}
		return missing("%s: no %s[.gz] in %s or its folder pokemon: put pixel_color.txt and colormap.txt there, or name their folder by Options.Dir or ASSAY_DATA", id, file, dir)
	}
	name := id + ": " + filepath.Base(path)
	r, f, err := openData(ctx, path)
	if err != nil {
		if stopped(ctx, err) {
			return ctx.Err()
		}
		return corrupt("%s: %s", name, cut(err))
	}
	defer f.Close()
	if err := parse(r, name); err != nil {
		if stopped(ctx, err) {
			return ctx.Err()
		}
		return err
	}
	return nil
}

// parsePalette reads rows of three numbers 0 to 255.
func parsePalette(r io.Reader, name string) ([][3]uint8, error) {
	var palette [][3]uint8
	err := eachLine(r, name, func(line int, words []string) error {
		if len(words) != 3 {
			return corrupt("%s: line %d: %d numbers, a colour has 3 (red green blue)", name, line, len(words))
		}
		if len(palette) == maxPalette {
			return corrupt("%s: line %d: more than %d colours: is it another file?", name, line, maxPalette)
		}
		var c [3]uint8
		for i, w := range words {
			v, err := strconv.ParseUint(w, 10, 8)
			if err != nil {
				return corrupt("%s: line %d: %q is no number from 0 to 255", name, line, clip(w))
			}
			c[i] = uint8(v)
		}
		palette = append(palette, c)
		return nil
	})
	if err == nil && len(palette) == 0 {
		err = corrupt("%s: no colours inside: download it again", name)
	}
	return palette, err
}

// parseTokens reads rows of 400 palette indices.
func parseTokens(r io.Reader, name string, colours int) ([]uint16, error) {
	const dim = pokemonSide * pokemonSide
	var tokens []uint16
	err := eachLine(r, name, func(line int, words []string) error {
		if len(words) != dim {
			return corrupt("%s: line %d: %d numbers, a %dx%d picture has %d: download it again", name, line, len(words), pokemonSide, pokemonSide, dim)
		}
		if len(tokens) == maxPokemon*dim {
			return corrupt("%s: line %d: more than %d pictures: is it another file?", name, line, maxPokemon)
		}
		for i, w := range words {
			v, err := strconv.ParseUint(w, 10, 16)
			if err != nil || int(v) >= colours {
				return corrupt("%s: line %d, number %d: %q is no colour from 0 to %d", name, line, i+1, clip(w), colours-1)
			}
			tokens = append(tokens, uint16(v))
		}
		return nil
	})
	if err == nil && len(tokens) == 0 {
		err = corrupt("%s: no pictures inside: download it again", name)
	}
	return tokens, err
}

// eachLine calls f for every line that is not blank, with its number from 1.
func eachLine(r io.Reader, name string, f func(line int, words []string) error) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, maxPokemonRow)
	line := 0
	for scan.Scan() {
		line++
		if words := strings.Fields(scan.Text()); len(words) > 0 {
			if err := f(line, words); err != nil {
				return err
			}
		}
	}
	if err := scan.Err(); errors.Is(err, bufio.ErrTooLong) {
		return corrupt("%s: line %d is longer than %d bytes: is it another file?", name, line+1, maxPokemonRow)
	} else if err != nil {
		return corrupt("%s: %s in line %d: download it again", name, cut(err), line+1)
	}
	return nil
}

// clip shortens a word for a message.
func clip(w string) string {
	if len(w) > 20 {
		return w[:20] + "..."
	}
	return w
}
