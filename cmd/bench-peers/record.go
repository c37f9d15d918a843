package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"

	"github.com/assay-gan/assay/internal/atomicfile"
)

// machine is what the figures were measured on and with. Figures of different machines are never mixed.
type machine struct {
	CPU     string            `json:"cpu"`
	Date    string            `json:"date,omitempty"` // year, month and day of the last row; "" in records made before 27 November 2026
	Cores   int               `json:"cores"`
	System  string            `json:"system"`
	Go      string            `json:"go"`
	Kernels string            `json:"kernels"`
	Peers   map[string]string `json:"peers,omitempty"` // versions by package, and blas, onednn, aten: what numpy and PyTorch compute with
	Rounds  int               `json:"rounds"`
	Quick   bool              `json:"quick,omitempty"`
}

// record is a run: everything that the page shows comes from here.
type record struct {
	Machine machine       `json:"machine"`
	Rows    []measurement `json:"rows"`
}

func (b *bench) machine(o options) (machine, error) {
	m := machine{CPU: cpuid.CPU.BrandName, Date: time.Now().UTC().Format(time.DateOnly), Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Rounds: o.rounds, Quick: o.quick}
	if m.CPU == "" {
		m.CPU = "unnamed " + runtime.GOARCH
	}
	w, err := b.worker(o.threads[0])
	if err != nil {
		return m, err
	}
	q, err := w.call(request{Op: "info"})
	if err != nil {
		return m, err
	}
	m.Go, m.Kernels = q.Info["go"], q.Info["kernels"]
	p, err := b.peer(o.threads[0])
	if err != nil || p == nil {
		return m, err
	}
	q, err = p.call(request{Op: "info"})
	m.Peers = q.Info
	return m, err
}

// file is the name of the machine's record: figures of one processor, kernel set and PyTorch stand in one file.
func (m machine) file() string {
	words := strings.FieldsFunc(strings.ToLower(strings.NewReplacer("(R)", "", "(TM)", "", "Processor", "").Replace(m.CPU)), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	name := append(words, m.Kernels)
	if v := strings.Split(m.Peers["torch"], "."); len(v) > 1 {
		name = append(name, "torch", v[0]+"."+v[1])
	}
	return strings.Join(name, "-") + ".json"
}

func readRecord(path string) (rec record, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return rec, err
	}
	if err := json.Unmarshal(b, &rec); err != nil {
		return rec, fmt.Errorf("%s: %w", path, err)
	}
	return rec, nil
}

// readRecords reads all records of a folder, the newest first.
func readRecords(dir string) ([]record, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var recs []record
	for _, f := range files {
		rec, err := readRecord(f)
		if err != nil {
			return nil, err
		}
		recs = append(recs, rec)
	}
	if len(recs) == 0 {
		return nil, fmt.Errorf("%s holds no records: make bench-peers", dir)
	}
	slices.SortStableFunc(recs, func(a, b record) int { return strings.Compare(b.Machine.Date, a.Machine.Date) })
	return recs, nil
}

// mixable says whether rows measured on m may join those in the file: of the same processor, kernels and sizes, and of the same versions of every peer that
// both know. A file that is not there takes any.
func mixable(path string, m machine) error {
	rec, err := readRecord(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	old := rec.Machine
	if old.CPU != m.CPU || old.Kernels != m.Kernels || old.Quick != m.Quick {
		return fmt.Errorf("%s holds figures of %s with kernels %s (quick %v), these are of %s with %s (quick %v): give another -json file",
			path, old.CPU, old.Kernels, old.Quick, m.CPU, m.Kernels, m.Quick)
	}
	for name, v := range old.Peers {
		if now, ok := m.Peers[name]; ok && now != v {
			return fmt.Errorf("%s holds figures of %s %s, here it is %q: measure all rows again, or give another -json file", path, name, v, now)
		}
	}
	return nil
}

// mergeRecord stores rec and returns what is then in the file. With keep, rows of the file that were not measured again stay, each with its date.
func mergeRecord(path string, rec record, keep bool) (record, error) {
	if keep {
		if err := mixable(path, rec.Machine); err != nil {
			return rec, err
		}
		old, err := readRecord(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return rec, err
		}
		for i := range old.Rows {
			old.Rows[i].Date = cmp.Or(old.Rows[i].Date, old.Machine.Date)
		}
		rec.Rows = mergeRows(old.Rows, rec.Rows)
	}
	b, err := json.MarshalIndent(rec, "", " ")
	if err != nil {
		return rec, err
	}
	return rec, atomicfile.WriteBytes(path, append(b, '\n'))
}

func mergeRows(old, fresh []measurement) []measurement {
	for _, m := range fresh {
		found := false
		for i, o := range old {
			if o.ID == m.ID && o.Threads == m.Threads {
				old[i], found = m, true
			}
		}
		if !found {
			old = append(old, m)
		}
	}
	return old
}

func (r record) find(id string, threads int) (measurement, bool) {
	for _, m := range r.Rows {
		if m.ID == id && m.Threads == threads {
			return m, true
		}
	}
	return measurement{}, false
}

// ratio compares a peer's times with ours: above 1 we are faster.
type ratio struct {
	Median    float64 // of the rounds' ratios
	Best      float64 // their best time by our best
	Low, High float64 // of the rounds' ratios
	CPU       float64 // processor time, median of the rounds' ratios: it hardly feels the neighbours on one thread
}

func (m measurement) ratio(p series) ratio {
	n := min(len(p.Turns), len(m.Ours.Turns))
	wall, cpu := make([]float64, n), make([]float64, n)
	r := ratio{Best: p.Best / m.Ours.Best}
	for i := range n {
		wall[i], cpu[i] = p.Turns[i]/m.Ours.Turns[i], p.CPU[i]/m.Ours.CPU[i]
		if r.Low == 0 || wall[i] < r.Low {
			r.Low = wall[i]
		}
		r.High = max(r.High, wall[i])
	}
	r.Median, r.CPU = median(wall), median(cpu)
	return r
}

// line is one row for a terminal.
func (m measurement) line() string {
	s := fmt.Sprintf("%-16s %d threads: %s", m.ID, m.Threads, ms(median(m.Ours.Turns)))
	if len(m.Ours.Turns) == 0 {
		s = fmt.Sprintf("%-16s skipped: %s", m.ID, strings.Join(m.Missing, ", "))
	}
	for _, p := range m.Peers {
		r := m.ratio(p)
		if strings.HasPrefix(m.ID, "twin-") {
			s += fmt.Sprintf(" | %.2f times the rate of %s (best %.2f)", 2*r.Median, p.Label, 2*r.Best)
			continue
		}
		s += fmt.Sprintf(" | %s %.2f (best %.2f, cpu %.2f)", p.Label, r.Median, r.Best, r.CPU)
	}
	if len(m.RSS) > 0 {
		s += fmt.Sprintf(" | %.0f MB, %.0f B in %.1f objects a step", m.RSS[0], m.Bytes, m.Allocs)
	}
	if m.Others > noisy {
		s += fmt.Sprintf(" | others used %.0f %%", m.Others*100)
	}
	if m.Void != "" {
		s += " | VOID: " + m.Void
	}
	return s
}
