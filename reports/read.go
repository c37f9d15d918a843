package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/seal"
)

// ErrRecord is wrapped by every error about a line that is not a record.
var ErrRecord = errors.New("not a record")

// maxLine bounds one line: a file without line ends is refused before it fills the memory.
const maxLine = 16 << 20

// Torn describes a last line that was cut short when the writer was killed. It is dropped: its cell counts as unfinished.
type Torn struct {
	Line  int   `json:"line"`
	At    int64 `json:"at"` // offset of its first byte
	Bytes int   `json:"bytes"`
}

// String says what was dropped.
func (t *Torn) String() string {
	return fmt.Sprintf("line %d is cut short (%d bytes): dropped, its cell counts as unfinished", t.Line, t.Bytes)
}

// Damage is a line that is no record, or not as it was written.
type Damage struct {
	Line int    `json:"line"`
	Why  string `json:"why"`
	Cell string `json:"cell,omitempty"` // that it says it is of; "" where it cannot be read
	Text []byte `json:"-"`              // of the line, without its end
	err  error
	at   int // how many records stand before it
}

// String names the line and says what is wrong with it.
func (d Damage) String() string { return fmt.Sprintf("line %d is damaged: %s", d.Line, d.Why) }

// cells are those that the damaged line may be of, given the records that Salvage returned with it: the one that it names if there is such a one, else those of
// the lines beside it.
func (d Damage) cells(recs []Record) (cells []string) {
	if slices.ContainsFunc(recs, func(r Record) bool { return r.Cell == d.Cell }) {
		return []string{d.Cell}
	}
	for _, at := range []int{d.at - 1, d.at} {
		if at >= 0 && at < len(recs) && !slices.Contains(cells, recs[at].Cell) {
			cells = append(cells, recs[at].Cell)
		}
	}
	return cells
}

// Undamaged drops, from what Salvage returned, every record of a cell that has a damaged line, or may have one: the rest of a cell would be counted as the whole.
func Undamaged(recs []Record, damage []Damage) []Record {
	broken := map[string]bool{}
	for _, d := range damage {
		for _, c := range d.cells(recs) {
			broken[c] = true
		}
	}
	if len(broken) == 0 {
		return recs
	}
	return slices.DeleteFunc(recs, func(r Record) bool { return broken[r.Cell] })
}

// Read returns the records of JSON lines in their order. A last line without a line end that does not parse is what kill -9 leaves behind: it is dropped
// and reported as Torn. Every other line that is not a record, or does not have the checksum that WriteRecords gave it, is an error that wraps ErrRecord and
// names file and line, and so is one that contradicts an earlier line. Blank lines are skipped. Records may share their maps: change none.
func Read(r io.Reader, name string) ([]Record, *Torn, error) {
	all, err := scan(r, name)
	if err != nil {
		return nil, nil, err
	}
	if err := all.firstDamage(name); err != nil {
		return nil, nil, err
	}
	return all.recs, all.torn, nil
}

// firstDamage is the error of the first line that is no record.
func (s *scanned) firstDamage(name string) error {
	if len(s.damage) == 0 {
		return nil
	}
	d := s.damage[0]
	return fmt.Errorf("%s:%d: %w: %w; repair or delete the line", name, d.Line, ErrRecord, d.err)
}

// Salvage is Read for a file that may be damaged: lines that are no records come back beside the records, and are no error. A torn last line is one of them.
// Errors: the file cannot be read, or a line contradicts an earlier one.
func Salvage(r io.Reader, name string) ([]Record, []Damage, error) {
	all, err := scan(r, name)
	if err != nil {
		return nil, nil, err
	}
	if all.torn != nil {
		all.damage = append(all.damage, all.last)
	}
	return all.recs, all.damage, nil
}

// packed is how the name of a records file ends that is compressed by gzip: how records are kept that nobody appends to.
const packed = ".gz"

// recordsFile is an open records file, as its lines are.
type recordsFile struct {
	io.Reader
	io.Closer
	size int64
}

// Size is how many bytes the lines have, 0 where they are packed.
func (f *recordsFile) Size() int64 { return f.size }

// openRecords opens a records file, and unpacks it where its name says that it is packed.
func openRecords(path string) (*recordsFile, error) {
	f, size, err := inputfile.Open(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(path, packed) {
		return &recordsFile{f, f, size}, nil
	}
	z, err := inputfile.NewGzip(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w: rename it if it is not packed by gzip", path, err), f.Close())
	}
	return &recordsFile{unpacked{z}, f, 0}, nil
}

// unpacked keeps the early end of a packed file from being taken for the end of its records: a line of text may be cut by a kill, a packed file was damaged on its way.
type unpacked struct{ z io.Reader }

var errCut = errors.New("the packed file is cut short: fetch it again")

func (u unpacked) Read(p []byte) (int, error) {
	n, err := u.z.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errCut
	}
	return n, err
}

// ReadFile reads a records file; one whose name ends in .gz is unpacked.
func ReadFile(path string) ([]Record, *Torn, error) {
	f, err := openRecords(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return Read(f, path)
}

// SalvageFile is Salvage for a file.
func SalvageFile(path string) ([]Record, []Damage, error) {
	f, err := openRecords(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return Salvage(f, path)
}

var cellOf = regexp.MustCompile(`^\{"cell":"([^"\\/]{1,64})",`)

// damaged describes a line that is none.
func damaged(number int, text []byte, err error) Damage {
	d := Damage{Line: number, Why: err.Error(), Text: bytes.Clone(text), err: err}
	if m := cellOf.FindSubmatch(text); m != nil && utf8.Valid(m[1]) {
		d.Cell = string(m[1])
	}
	return d
}

// parse reads one line; sealed says whether it has a checksum.
func (d *decoder) parse(text []byte) (r Record, sealed bool, err error) {
	if !utf8.Valid(text) { // decoding would put other characters in the place of broken ones, and two names could become one
		return r, false, errors.New("not UTF-8")
	}
	if sealed, err = seal.Check(text); err != nil {
		return r, sealed, err
	}
	if d.lean && !sealed {
		return r, sealed, errUnsealed
	}
	if d.record(text, sealed, &r) {
		return r, sealed, r.checkKeys()
	}
	body, _, err := seal.Open(text)
	if err != nil {
		return r, sealed, err
	}
	r, err = parseAny(body)
	return r, sealed, err
}

// parseAny reads a line without a checksum by package encoding/json.
func parseAny(text []byte) (Record, error) {
	var r Record
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		if bytes.Contains(text, []byte(`"`+seal.Member+`"`)) {
			return r, fmt.Errorf("%w (another program wrote the line anew: delete its member %s)", err, seal.Member)
		}
		return r, err
	}
	if _, err := d.Token(); err != io.EOF {
		return r, errors.New("more than one value on the line")
	}
	if err := r.Check(); err != nil {
		return r, err
	}
	return r, hasValue(text, r)
}

// hasValue refuses a record without its number: left out or null would read as 0, which is a score.
func hasValue(line []byte, r Record) error {
	var v struct{ Value *float64 }
	if r.Status == Failed {
		return nil
	}
	if err := json.Unmarshal(line, &v); err != nil {
		return err
	}
	if v.Value == nil {
		return fmt.Errorf(`field "value" of %q is missing or null: write the number, or a failure with its reason`, r.Metric)
	}
	return nil
}
