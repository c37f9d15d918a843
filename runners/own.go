package runners

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging/listing"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/program"
)

// Own says where a cell's samples come from that no model of the zoo makes. Files are known by their contents: a changed file is another cell, a moved one is
// the same. Of a program nothing is known but what its version says.
type Own struct {
	Files   []OwnFile `json:"files,omitempty"`   // one a step, in their order
	Command string    `json:"command,omitempty"` // of a program, with its placeholders
	Version string    `json:"version,omitempty"` // of the program
	Range   []float64 `json:"range,omitempty"`   // of float images
}

// OwnFile is the samples of one step of somebody's training; of step 0 where the path names none.
type OwnFile struct {
	Step         int    `json:"step,omitempty"`
	Path         string `json:"path,omitempty"`
	Content      string `json:"content"` // sha256 of the file, or of the names and bytes of a folder's images
	Labels       string `json:"labels,omitempty"`
	LabelContent string `json:"label_content,omitempty"`
	Groups       string `json:"groups,omitempty"`
	GroupContent string `json:"group_content,omitempty"`
}

// keyed is what of it decides a cell's hash: contents, not the places where they lie.
func (o *Own) keyed() *Own {
	if o == nil {
		return nil
	}
	k := *o
	k.Files = slices.Clone(o.Files)
	for i := range k.Files {
		k.Files[i].Path, k.Files[i].Labels, k.Files[i].Groups = "", "", ""
	}
	return &k
}

// kept says whether a finished cell of it may stand for a new one: not where a program has no version.
func (o *Own) kept() bool { return o == nil || o.Command == "" || o.Version != "" }

// own plans a model whose samples are made elsewhere, one cell a seed. Files must be there; they are hashed, a program is not run.
func (p *planner) own(base Cell, info datasets.Info, ch Choices, m ModelChoice) ([]Cell, error) {
	asked := slices.ContainsFunc(m.On, func(n Named) bool { return n.Name == info.ID })
	if len(m.On) > 0 && !asked {
		return nil, nil
	}
	if cmp.Or(len(m.On), len(p.config.Datasets)) > 1 && !holds(m.Own.source(), "dataset") {
		return nil, p.errAt(m.Line, "model %s: are the samples of %s? say so by datasets: %s, or put {dataset} into %q", m.As, info.ID, info.ID, m.Own.source())
	}
	base.Label, base.Settings = m.As, nil
	seeds := ch.Seeds
	if m.Seeds != nil {
		seeds = m.Seeds
	}
	if !holds(m.Own.source(), "seed") {
		seeds = seeds[:1]
	}
	if m.Own.Exec != "" {
		if _, err := program.Find(m.Own.Exec); err != nil {
			return nil, p.errAt(m.Line, "model %s: %w", m.As, err)
		}
		base.Own = &Own{Command: m.Own.Exec, Version: m.Own.Version, Range: m.Own.Range}
		p.runs(program.Prefix+m.Own.Exec, m.Line)
		return base.seeded(seeds), nil
	}
	cells := base.seeded(seeds)
	for i := range cells {
		c := &cells[i]
		files, err := ownFiles(m.Own, *c)
		if err != nil {
			return nil, p.errAt(m.Line, "model %s on data set %s: seed %d: %w", m.As, info.ID, c.Seed, err)
		}
		c.Own = &Own{Files: files, Range: m.Own.Range}
		if a, b := cells[0].Own.steps(), c.Own.steps(); !slices.Equal(a, b) {
			return nil, p.errAt(m.Line, "model %s on data set %s: seed %d has the steps %v, but seed %d has %v: leave an unfinished run out by seeds", m.As, info.ID, c.Seed, b, cells[0].Seed, a)
		}
	}
	return cells, nil
}

func (o *Own) steps() (steps []int) {
	for _, f := range o.Files {
		steps = append(steps, f.Step)
	}
	return steps
}

// ownNames refuses a name for samples of one's own that another model of the suite has: their runs would be taken for more seeds of one.
func (p *planner) ownNames() error {
	for i, m := range p.config.Models {
		for j, other := range p.config.Models {
			if called := cmp.Or(other.As, other.Name); m.Own != nil && i != j && called == m.As {
				return p.errAt(m.Line, "model %s: another model of the suite has that name (line %d): their values would be one row; change as", m.As, other.Line)
			}
		}
	}
	return nil
}

// sets is how many sets of samples the cell measures.
func (c Cell) sets() int {
	if c.Own == nil {
		return 1
	}
	return max(1, len(c.Own.Files))
}

// ownFiles finds and hashes the files of one cell, one a step.
func ownFiles(own *OwnChoice, c Cell) ([]OwnFile, error) {
	values := map[string]string{"dataset": c.Dataset, "seed": strconv.FormatUint(c.Seed, 10)}
	found := []OwnFile{{Path: filled(own.Samples, values)}}
	texts := []string{""} // of each step, as it stands in the path
	var err error
	if holds(own.Samples, "step") {
		if found, texts, err = stepFiles(found[0].Path); err != nil {
			return nil, err
		}
	}
	for i := range found {
		f := &found[i]
		if f.Content, err = hashPlace(f.Path); err != nil {
			return nil, err
		}
		values["step"] = texts[i]
		for _, beside := range []struct {
			key, text   string
			at, content *string
		}{{"labels", own.Labels, &f.Labels, &f.LabelContent}, {"groups", own.Groups, &f.Groups, &f.GroupContent}} {
			if beside.text == "" {
				continue
			}
			*beside.at = filled(beside.text, values)
			if *beside.content, err = hashPlace(*beside.at); err != nil {
				return nil, fmt.Errorf("%s: %w", beside.key, err)
			}
		}
	}
	return found, nil
}

// stepFiles finds what stands where {step} is, in the order of the numbers. texts are the numbers as written: step-0100 stays that.
func stepFiles(path string) (found []OwnFile, texts []string, err error) {
	before, _, _ := strings.Cut(path, "{step}")
	dir := before[:strings.LastIndex(before, "/")+1]
	name, rest, deeper := strings.Cut(path[len(dir):], "/")
	parts := strings.Split(name, "{step}")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	pattern := regexp.MustCompile("^" + strings.Join(parts, "([0-9]+)") + "$")
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return nil, nil, notThere(cmp.Or(dir, "."), err)
	}
	for _, e := range entries {
		m := pattern.FindStringSubmatch(e.Name())
		if m == nil || slices.ContainsFunc(m[1:], func(s string) bool { return s != m[1] }) {
			continue
		}
		at := dir + e.Name()
		if deeper {
			at += "/" + strings.ReplaceAll(rest, "{step}", m[1])
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %s is no step", at, m[1])
		}
		if i := slices.IndexFunc(found, func(f OwnFile) bool { return f.Step == n }); i >= 0 {
			return nil, nil, fmt.Errorf("%s and %s are both of step %d: keep one", found[i].Path, at, n)
		}
		found, texts = append(found, OwnFile{Step: n, Path: at}), append(texts, m[1])
	}
	if len(found) == 0 {
		return nil, nil, fmt.Errorf("nothing is called %s with a number for {step}", path)
	}
	order := make([]int, len(found))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return found[a].Step - found[b].Step })
	sorted, words := make([]OwnFile, len(found)), make([]string, len(found))
	for to, from := range order {
		sorted[to], words[to] = found[from], texts[from]
	}
	return sorted, words, nil
}

// notThere names a path once, whatever the system says of it.
func notThere(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing (paths start from the folder assay is run in)", path)
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// hashPlace is the sha256 of a file's bytes, or of the names and bytes of the images in a folder. FILE.npz:NAME is the file and the name.
func hashPlace(path string) (string, error) {
	h := sha256.New()
	file, array := featurizer.ArrayName(path)
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return "", notThere(path, err)
	case info.IsDir():
		err = hashImages(h, path)
	default:
		var f *os.File
		if f, _, err = inputfile.Open(file); err != nil {
			return "", notThere(path, err)
		}
		_, err = io.Copy(h, f)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return "", err
	}
	fmt.Fprintf(h, "\x00%s", array)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// hashImages adds what package listing takes for the images of a folder, and their classes.
func hashImages(h io.Writer, dir string) error {
	list, err := listing.Open(context.Background(), dir, listing.Options{})
	if err != nil {
		return err
	}
	defer list.Close()
	if len(list.Files) == 0 {
		return fmt.Errorf("%s: no images in it", filepath.Clean(dir))
	}
	for i := range list.Files {
		f := &list.Files[i]
		b, err := f.Read()
		if err != nil {
			return fmt.Errorf("%s: %s: %w", dir, f.Name, err)
		}
		fmt.Fprintf(h, "%d %s %d\n", len(f.Name), f.Name, len(b))
		if _, err := h.Write(b); err != nil {
			return err
		}
		if class, ok := list.Labels[f.Name]; ok && list.Classes == nil { // of a .cls file; a sub-folder is in the name
			fmt.Fprintf(h, "class %d\n", class)
		}
	}
	return nil
}
