package runners

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/imaging/listing"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// journalName is the file of the work folder that says what lies in it, a line for each image.
const journalName = ".journal.jsonl"

// maxJournal bounds the journal, in bytes: millions of images fit. One that is longer is not gone on from.
const maxJournal = 1 << 30

// journal keeps what an interrupted preparation has made.
type journal struct {
	mu   sync.Mutex
	file *os.File
	was  map[string]journalLine
}

type journalLine struct {
	Name     string   `json:"name"`
	In       string   `json:"in"`
	Out      string   `json:"out"`
	Warnings []string `json:"warnings,omitempty"`
}

// openJournal reads what is there. A line that a crash tore is no line.
func openJournal(file string) (*journal, error) {
	j := &journal{was: map[string]journalLine{}}
	if text, err := inputfile.Read(file, maxJournal); err == nil {
		for line := range strings.SplitSeq(string(text), "\n") {
			var l journalLine
			if json.Unmarshal([]byte(line), &l) == nil {
				j.was[l.Name] = l
			}
		}
	}
	var err error
	if j.file, err = os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644); err != nil {
		return nil, err
	}
	_, err = j.file.WriteString("\n") // ends a torn line
	return j, err
}

func (j *journal) of(name string) (journalLine, bool) { l, ok := j.was[name]; return l, ok }

func (j *journal) add(e *entry) error {
	text, err := json.Marshal(journalLine{e.name, e.in, e.out, e.warnings})
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	_, err = j.file.Write(append(text, '\n'))
	return err
}

// open makes the work folder, or takes the one that an interrupted call left.
func (p *preparing) open() (err error) {
	out := filepath.Clean(p.Out)
	p.work = filepath.Join(filepath.Dir(out), fmt.Sprintf(".%s.prepare-%s", filepath.Base(out), p.Recipe.Hash()[:12]))
	if err = os.MkdirAll(p.work, 0o755); err != nil {
		return err
	}
	if p.lock, err = lockFile(p.work + ".lock"); err != nil {
		return err
	}
	if p.journal, err = openJournal(filepath.Join(p.work, journalName)); err != nil {
		return errors.Join(err, unlockFile(p.lock))
	}
	return nil
}

func (p *preparing) close() error {
	err := errors.Join(unlockFile(p.lock), p.journal.file.Close())
	if _, gone := os.Stat(p.work); errors.Is(gone, fs.ErrNotExist) {
		_ = os.Remove(p.work + ".lock") // nothing to guard any more
	}
	return err
}

// already says whether Out holds this very set. What holds anything else is an error.
func (p *preparing) already(ctx context.Context) (bool, error) {
	entries, err := os.ReadDir(p.Out)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 && p.res.Format == "png" {
		return false, nil
	}
	if set, opening := source.Open(ctx, p.Out, source.Options{}); opening == nil {
		record := set.Prepared
		if err := set.Close(); err != nil {
			return false, err
		}
		if record != nil && record.Hash == p.Recipe.Hash() {
			same, err := p.sameInputs(record.Inputs)
			if same {
				p.res.Already, p.res.Prepared = true, *record
			}
			if same || err != nil {
				return same, err
			}
			return false, fmt.Errorf("%s: it was prepared by the recipe %s from other images: remove it, or choose another name", p.Out, p.Recipe.Name)
		}
	}
	return false, fmt.Errorf("%s: there is something else already: choose a new name or an empty folder", p.Out)
}

// sameInputs says whether the chosen images are those that a record is of.
func (p *preparing) sameInputs(sum string) (bool, error) {
	var good []*entry
	for _, e := range p.entries {
		if _, _, err := p.input(e); err == nil {
			good = append(good, e)
		} else if !p.Skip {
			return false, err
		}
	}
	return hexSum([]byte(inputsText(good))) == sum, nil
}

func inputsText(entries []*entry) string {
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", e.name, e.source, e.in)
	}
	return b.String()
}

func listText(entries []*entry) string {
	var b strings.Builder
	b.WriteString("name\tsource\tsource_sha256\tsha256\n")
	for _, e := range entries {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", e.name, e.source, e.in, e.out)
	}
	return b.String()
}

// finish writes the record and gives the set its name.
func (p *preparing) finish(ctx context.Context) error {
	var good []*entry
	var content imaging.Content
	for _, e := range p.entries {
		if e.err != nil {
			p.res.Bad = append(p.res.Bad, source.Bad{Name: e.source, Error: e.err.Error()})
			continue
		}
		good = append(good, e)
		content.Add(e.key)
		if e.kept {
			p.res.Resumed++
		}
		for _, w := range e.warnings {
			p.res.Warnings[strings.TrimPrefix(w, e.source+": ")]++
		}
	}
	if len(good) == 0 {
		return fmt.Errorf("%s: none of %d images can be used, the first: %s", p.Source.Path, len(p.entries), p.res.Bad[0].Error)
	}
	list := listText(good)
	p.res.Prepared = source.Prepared{Assay: source.PreparedForm, Recipe: p.Recipe.Name, Hash: p.Recipe.Hash(), Text: p.Recipe.Text(), Program: p.Version,
		Source: filepath.Base(p.Source.Path), N: len(good), Content: content.Hash(), Inputs: hexSum([]byte(inputsText(good))), List: hexSum([]byte(list))}
	head, err := json.MarshalIndent(p.res.Prepared, "", "  ")
	if err != nil {
		return err
	}
	head = append(head, '\n')
	switch p.res.Format {
	case "zip":
		err = atomicfile.Write(p.Out, func(w io.Writer) error { return p.zip(ctx, w, good, head, list) })
	case "npz":
		if err = sameSize(good); err == nil {
			err = atomicfile.Write(p.Out, func(w io.Writer) error { return p.npz(ctx, w, good, head, list) })
		}
	default:
		return p.folder(good, head, list)
	}
	if err == nil {
		err = os.RemoveAll(p.work)
	}
	return err
}

// folder makes the work folder the set: what is not of it goes, then it takes the name.
func (p *preparing) folder(good []*entry, head []byte, list string) error {
	keep := map[string]bool{}
	for _, e := range good {
		keep[filepath.FromSlash(e.name)] = true
	}
	err := filepath.WalkDir(p.work, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if name, _ := filepath.Rel(p.work, at); !keep[name] && name != journalName {
			return os.Remove(at)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(p.work, listing.RecordList), []byte(list)); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(p.work, listing.RecordHead), head); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(p.work, journalName)); err != nil {
		return err
	}
	if err := os.Remove(p.Out); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // it was empty, or not there, a moment ago
	}
	return os.Rename(p.work, p.Out)
}

// zip packs the files as they are, without times, so that the same set gives the same bytes.
func (p *preparing) zip(ctx context.Context, w io.Writer, good []*entry, head []byte, list string) error {
	out := zip.NewWriter(w)
	add := func(name string, data []byte) error {
		f, err := out.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = f.Write(data)
		}
		return err
	}
	if err := errors.Join(add(listing.RecordHead, head), add(listing.RecordList, []byte(list))); err != nil {
		return err
	}
	sorted := slices.Clone(good)
	slices.SortFunc(sorted, func(a, b *entry) int { return strings.Compare(a.name, b.name) })
	for _, e := range sorted {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		data, err := p.made(e)
		if err != nil {
			return err
		}
		if err := add(e.name, data); err != nil {
			return err
		}
	}
	return out.Close()
}

// made reads an image of the work folder.
func (p *preparing) made(e *entry) ([]byte, error) {
	return inputfile.Read(filepath.Join(p.work, filepath.FromSlash(e.name)), imaging.DefaultBytes)
}

// npz writes the pixels in the recipe's order, image by image, with the classes where there are any.
func (p *preparing) npz(ctx context.Context, w io.Writer, good []*entry, head []byte, list string) error {
	out := zip.NewWriter(w)
	array := func(name, kind string, shape []int, fill func(io.Writer) error) error {
		f, err := out.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		b := bufio.NewWriterSize(f, 1<<16)
		return errors.Join(tensorfile.WriteHead(b, kind, shape), fill(b), b.Flush())
	}
	bytes := func(name string, data []byte) error {
		return array(name, "u1", []int{len(data)}, func(w io.Writer) error { _, err := w.Write(data); return err })
	}
	err := array("arr_0", "u1", []int{len(good), good[0].h, good[0].w, good[0].c}, func(w io.Writer) error {
		for _, e := range good {
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
			data, err := p.made(e)
			if err != nil {
				return err
			}
			m, _, err := imaging.Limits{}.DecodeBytes(data, e.name)
			if err != nil {
				return err
			}
			if _, err := w.Write(m.Pix); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if labels := p.labels(good); labels != nil {
		if err := array("labels", "i8", []int{len(good)}, func(w io.Writer) error { _, err := w.Write(labels); return err }); err != nil {
			return err
		}
	}
	return errors.Join(bytes(source.PreparedArray, head), bytes(source.ListArray, []byte(list)), out.Close())
}

// labels are the classes as little-endian numbers of eight bytes; nil where an image has none.
func (p *preparing) labels(good []*entry) []byte {
	var b []byte
	for _, e := range good {
		l := p.Source.Items[e.item].Label
		if l < 0 {
			return nil
		}
		b = binary.LittleEndian.AppendUint64(b, uint64(l))
	}
	return b
}
