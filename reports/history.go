package reports

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/assay-gan/assay/internal/inputfile"
)

// historyVersion is the form of a line that this build writes and reads.
const historyVersion = 1

// historyLine is one line of a history: a record, and which run of which day it is of. Every line stands alone, so that a merge of two branches, a sort or a torn
// end cannot part a record from its run.
type historyLine struct {
	Version int             `json:"assay_history"`
	Run     string          `json:"run"`
	Date    string          `json:"date,omitempty"` // RFC 3339
	Record  json.RawMessage `json:"record"`
}

// HistoryRun is one point in time: a commit, a night.
type HistoryRun struct {
	Name    string
	Date    string // RFC 3339; "" where it is not known
	Records []Record
}

// day is the date without the hour.
func (r HistoryRun) day() string { return strings.SplitN(r.Date, "T", 2)[0] }

// History is runs in the order of time: by date where every run has one, else as they were found.
type History struct {
	Name  string
	Runs  []HistoryRun
	Notes []string // what reading had to leave out

	said []sayings // by run
}

// sayings are what the files of one run have said so far, and which of them.
type sayings struct {
	values map[Key]saying
	cells  map[string]saying
}

type saying struct {
	Record
	path string
}

// LoadHistory reads histories (see AddHistory), records files and folders of them. A folder is a run where it holds records.jsonl; else each file ending in .jsonl
// and each run folder in it is read, in the order of their names. A records file or a run folder is one run without a date. Errors: nothing to read, a line that
// is no record, naming file and line.
func LoadHistory(paths ...string) (*History, error) {
	h := &History{Name: strings.Join(paths, ", ")}
	for _, p := range paths {
		if err := h.load(p, true); err != nil {
			return nil, err
		}
	}
	if len(h.Runs) == 0 {
		return nil, fmt.Errorf("%s: no runs in it: add some by assay history add", h.Name)
	}
	if !slices.ContainsFunc(h.Runs, func(r HistoryRun) bool { return r.Date == "" }) {
		slices.SortStableFunc(h.Runs, func(a, b HistoryRun) int { return parseDate(a.Date).Compare(parseDate(b.Date)) })
	}
	return h, nil
}

// parseDate reads a date that was checked before.
func parseDate(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (h *History) load(path string, named bool) error {
	info, err := inputfile.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return h.file(path)
	}
	if _, err := os.Stat(filepath.Join(path, RecordsFile)); err == nil {
		run, err := Load(path)
		if err != nil {
			return err
		}
		for _, n := range run.Notes {
			h.Notes = append(h.Notes, path+": "+n)
		}
		return h.add(HistoryRun{Name: run.ID, Records: run.Records}, path)
	}
	if !named {
		return nil // a folder of something else beside the runs
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if p := filepath.Join(path, e.Name()); e.IsDir() || strings.HasSuffix(e.Name(), ".jsonl") {
			if err := h.load(p, false); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *History) file(path string) error {
	text, err := inputfile.Read(path, maxRecords)
	if err != nil {
		return err
	}
	switch first, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n")); {
	case bytes.Contains(first, []byte(`"assay_baseline"`)):
		return fmt.Errorf("%s is a baseline of gate: give a history, records or run folders", path)
	case !bytes.Contains(first, []byte(`"assay_history"`)):
		recs, torn, failed := Read(bytes.NewReader(text), path)
		if failed != nil {
			return failed
		}
		if torn != nil {
			h.Notes = append(h.Notes, path+": "+torn.String())
		}
		return h.add(HistoryRun{Name: strings.TrimSuffix(filepath.Base(path), ".jsonl"), Records: Distinct(recs)}, path)
	}
	lines, note, err := readHistory(text, path)
	if err != nil {
		return err
	}
	if note != "" {
		h.Notes = append(h.Notes, note)
	}
	for _, l := range lines {
		if err := h.add(HistoryRun{Name: l.Run, Date: l.Date, Records: []Record{l.record}}, path); err != nil {
			return err
		}
	}
	return nil
}

// add joins records of one run, which may come from several files. What two of them say in the same words counts once; what cannot both be true is an error that
// names both files.
func (h *History) add(r HistoryRun, path string) error {
	at := slices.IndexFunc(h.Runs, func(o HistoryRun) bool { return o.Name == r.Name && o.Date == r.Date })
	if at < 0 && len(r.Records) > 0 {
		at = len(h.Runs)
		h.Runs = append(h.Runs, HistoryRun{Name: r.Name, Date: r.Date})
		h.said = append(h.said, sayings{map[Key]saying{}, map[string]saying{}})
	}
	for _, rec := range r.Records {
		twice, err := h.said[at].add(rec, path)
		if err != nil {
			return fmt.Errorf("%s: run %q: %w: %w, or name the runs apart", path, r.Name, ErrRecord, err)
		}
		if !twice {
			h.Runs[at].Records = append(h.Runs[at].Records, rec)
		}
	}
	return nil
}

// add takes a record in, and says whether it was said before.
func (s sayings) add(r Record, path string) (twice bool, err error) {
	if old, ok := s.cells[r.Cell]; ok && (old.Model != r.Model || old.Dataset != r.Dataset || old.Seed != r.Seed) {
		return false, fmt.Errorf("cell %.12q is %s on %s, seed %d, in %s, and %s on %s, seed %d, here: %w",
			r.Cell, old.Model, old.Dataset, old.Seed, old.path, r.Model, r.Dataset, r.Seed, errContradiction)
	}
	s.cells[r.Cell] = saying{r, path}
	if r.Status == Failed {
		return false, nil
	}
	old, ok := s.values[r.Key()]
	if ok && !sameOutcome(old.Record, r) {
		return false, fmt.Errorf("%s of %s on %s, seed %d, is %s here and %s in %s: %w", outcomeName(r), r.Model, r.Dataset, r.Seed, said(r), said(old.Record), old.path, errContradiction)
	}
	s.values[r.Key()] = saying{r, path}
	return ok, nil
}

// parsedLine is a line of a history with its bytes.
type parsedLine struct {
	historyLine
	record Record
	text   []byte
}

// readHistory parses the lines of a history. A last line without an end that does not parse was cut short: it is dropped, and the note says so.
func readHistory(text []byte, name string) (lines []parsedLine, note string, err error) {
	n := 0
	type told struct {
		claims
		recs []Record
	}
	said := map[[2]string]*told{} // by run
	for raw := range bytes.Lines(text) {
		n++
		body := bytes.TrimSpace(raw)
		if len(body) == 0 {
			continue
		}
		l, err := parseHistoryLine(body)
		if run := [2]string{l.Run, l.Date}; err == nil {
			if said[run] == nil {
				said[run] = &told{}
			}
			all := said[run]
			all.recs = append(all.recs, l.record)
			err = all.add(all.recs, len(all.recs)-1, n)
		}
		if err != nil && !errors.Is(err, errContradiction) && !bytes.HasSuffix(raw, []byte("\n")) {
			return lines, fmt.Sprintf("%s: line %d is cut short (%d bytes): dropped", name, n, len(body)), nil
		}
		if err != nil {
			return nil, "", fmt.Errorf("%s:%d: %w: %w; repair or delete the line", name, n, ErrRecord, err)
		}
		lines = append(lines, l)
	}
	return lines, "", nil
}

func parseHistoryLine(body []byte) (l parsedLine, err error) {
	if err := json.Unmarshal(body, &l.historyLine); err != nil {
		return l, err
	}
	switch {
	case l.Version != historyVersion:
		return l, fmt.Errorf("a history line of version %d, this build reads %d", l.Version, historyVersion)
	case l.Run == "":
		return l, errors.New(`field "run" is empty`)
	case !utf8.Valid(body):
		return l, errors.New("not UTF-8")
	}
	if l.Date != "" {
		if _, err := time.Parse(time.RFC3339, l.Date); err != nil {
			return l, fmt.Errorf("date %q: want RFC 3339, such as 2026-01-31T04:00:00Z", l.Date)
		}
	}
	l.text = slices.Clip(body)
	l.record, _, err = newDecoder().parse(l.Record)
	return l, err
}

// AddHistory adds what a run measured to a history, creating it where there is none: the last step of every cell, values with a better side and failed cells,
// without what differs between machines (costs) or is long (warnings, conventions). What the history holds of the same run, model, data set, seed and measure is
// replaced, so that a job that runs twice counts once. It returns how many records were added. The file is written as Append writes. Errors: a name or date that
// is none, nothing to add, a line that is no history.
func AddHistory(ctx context.Context, path, run, date string, recs []Record) (int, error) {
	if strings.TrimSpace(run) == "" {
		return 0, errors.New("a run in a history needs a name, such as its commit")
	}
	recs = historyRecords(recs)
	if len(recs) == 0 {
		return 0, errors.New("the run holds no value with a better side and no failed cell: nothing to add")
	}
	var added []parsedLine
	for _, r := range recs {
		rec, err := json.Marshal(r)
		if err != nil {
			return 0, err
		}
		text, err := json.Marshal(historyLine{historyVersion, run, date, rec})
		if err != nil {
			return 0, err
		}
		l, err := parseHistoryLine(text)
		if err != nil {
			return 0, err
		}
		added = append(added, l)
	}
	return len(added), rewrite(ctx, path, func(old []byte) ([]byte, error) {
		lines, _, err := readHistory(old, path)
		if err != nil {
			return nil, err
		}
		lines = slices.DeleteFunc(lines, func(l parsedLine) bool {
			return l.Run == run && slices.ContainsFunc(added, func(a parsedLine) bool { return sameMeasurement(a.record, l.record) })
		})
		var b bytes.Buffer
		for _, l := range append(lines, added...) {
			b.Write(l.text)
			b.WriteByte('\n')
		}
		return b.Bytes(), nil
	})
}

// sameMeasurement says whether two records of one run cannot both stand.
func sameMeasurement(a, b Record) bool {
	if a.Model != b.Model || a.Dataset != b.Dataset || a.Seed != b.Seed || a.SettingsID != b.SettingsID {
		return false
	}
	return a.CellFailed() || b.CellFailed() || a.Measure() == b.Measure()
}

func historyRecords(recs []Record) []Record {
	recs = Where(Final(Distinct(recs)), func(r Record) bool {
		return !IsReference(r.Model) && (r.CellFailed() || r.Better == Lower || r.Better == Higher)
	})
	for i := range recs {
		recs[i].Cost, recs[i].Warnings, recs[i].Convention, recs[i].NoInterval, recs[i].Interval = Cost{}, nil, nil, "", nil
	}
	slices.SortStableFunc(recs, func(a, b Record) int {
		return cmp.Or(strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Model, b.Model), strings.Compare(a.Metric, b.Metric), cmp.Compare(a.Seed, b.Seed))
	})
	return recs
}
