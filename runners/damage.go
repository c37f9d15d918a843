package runners

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/reports"
)

// damage is what was found damaged in a run folder.
type damage struct {
	notes []string
}

func (d *damage) note(format string, a ...any) { d.notes = append(d.notes, fmt.Sprintf(format, a...)) }

// aside keeps damaged content below damaged/, under a name that tells it from other damage to the same file, and returns that name.
func (f *Folder) aside(name string, content []byte) (string, error) {
	dir := filepath.Join(f.Dir, "damaged")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("run folder: %w", err)
	}
	ext := filepath.Ext(name)
	kept := fmt.Sprintf("%s-%08x%s", name[:len(name)-len(ext)], crc32.ChecksumIEEE(content), ext)
	return "damaged/" + kept, atomicfile.WriteBytes(filepath.Join(dir, kept), content)
}

// asideCell keeps the damaged file of a cell aside; the cell counts as unfinished.
func (f *Folder) asideCell(c Cell, why error) error {
	path := f.cellFile(c)
	content, err := inputfile.Read(path, maxCell)
	if err != nil { // no file of ours: a folder, a device, unreadable; recall removes it or says why not
		f.damage.note("cells/%s cannot be read: %v; %s runs again", filepath.Base(path), err, c.Title())
		return nil
	}
	kept, err := f.aside(filepath.Base(path), content)
	if err != nil {
		return err
	}
	f.damage.note("cells/%s is damaged: %v; kept as %s, %s runs again", filepath.Base(path), why, kept, c.Title())
	return nil
}

// asideLines keeps the damaged lines of records.jsonl aside before the file is written anew from the files of the finished cells, whose records are given.
func (f *Folder) asideLines(done map[string][]reports.Record) error {
	path := filepath.Join(f.Dir, reports.RecordsFile)
	_, lines, err := reports.SalvageFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return f.asideRecords(path, err)
	}
	if len(lines) == 0 {
		return nil
	}
	var text bytes.Buffer
	for _, l := range lines {
		text.Write(l.Text)
		text.WriteByte('\n')
	}
	kept, err := f.aside(reports.RecordsFile, text.Bytes())
	if err != nil {
		return err
	}
	for _, l := range lines {
		became := "its cell runs again, if its own file does not hold it"
		if _, ok := done[l.Cell]; ok {
			became = "its cell's own file holds it, and it was written anew from there"
		} else if l.Cell != "" {
			became = fmt.Sprintf("cell %s runs again", l.Cell)
		}
		f.damage.note("%s: %s; kept in %s, %s", reports.RecordsFile, l, kept, became)
	}
	return nil
}

// asideRecords keeps all of records.jsonl aside where it cannot be taken apart.
func (f *Folder) asideRecords(path string, why error) error {
	content, err := inputfile.Read(path, maxAside)
	if err != nil {
		return fmt.Errorf("run folder: %w", err)
	}
	kept, err := f.aside(reports.RecordsFile, content)
	if err != nil {
		return err
	}
	f.damage.note("%v; kept as %s, and written anew from the files of the finished cells", why, kept)
	return nil
}

// maxAside bounds a records file that is kept aside whole, in bytes.
const maxAside = 1 << 36
