package runners

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// Beat is one line of running/HASH.jsonl: how far a cell was at a time. The file is there for who looks at the run while the cell is carried out; nothing that is
// measured depends on it, and what cannot be written of it is left out.
type Beat struct {
	Time   float64                  `json:"t"` // seconds since 1970
	Step   int                      `json:"step"`
	Of     int                      `json:"of"`
	Losses map[string]reports.Float `json:"losses,omitempty"`
	Note   string                   `json:"note,omitempty"`   // of the cell's monitor
	Worker string                   `json:"worker,omitempty"` // that carries the cell out, where it is another machine's
}

// beats writes the files of running cells.
type beats struct {
	dir string

	mu    sync.Mutex
	cells map[string]*pulse
}

type pulse struct{ began, last time.Time }

// The pause between two beats of a cell: a second, and longer the longer it runs, so that a file stays small.
const (
	leastPause   = time.Second
	beatsInAll   = 200
	maxBeatsFile = 4 << 20
)

func beatsDir(run string) string { return filepath.Join(run, "running") }

// begin forgets what a process that is no more left behind.
func (b *beats) begin(run string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dir, b.cells = beatsDir(run), map[string]*pulse{}
	_ = os.RemoveAll(b.dir)
	_ = os.Mkdir(b.dir, 0o755)
}

// end leaves nothing behind of a run that came to its end.
func (b *beats) end() { _ = os.Remove(b.dir) } // which fails where cells were interrupted: the next start forgets them

func (b *beats) path(cell string) string { return filepath.Join(b.dir, cell+".jsonl") }

// started begins a cell's file. The worker is "" where the cell is carried out here.
func (b *beats) started(c Cell, worker string) { b.note(c, Beat{Of: c.Steps(), Worker: worker}) }

// progressed adds to it, if the last beat is long enough ago.
func (b *beats) progressed(c Cell, worker string, p zoo.Progress) {
	losses := make(map[string]reports.Float, len(p.Losses))
	for name, v := range p.Losses {
		losses[name] = reports.Float(v)
	}
	b.note(c, Beat{Step: p.Step, Of: p.Of, Losses: losses, Note: p.Note, Worker: worker})
}

func (b *beats) note(c Cell, beat Beat) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cells == nil {
		return
	}
	now, flags := time.Now(), os.O_WRONLY|os.O_CREATE|os.O_APPEND
	p := b.cells[c.Hash]
	if p == nil {
		p = &pulse{began: now}
		b.cells[c.Hash], flags = p, flags|os.O_TRUNC
	} else if now.Sub(p.last) < max(leastPause, now.Sub(p.began)/beatsInAll) {
		return
	}
	p.last = now
	beat.Time = float64(now.UnixMilli()) / 1000
	line, err := json.Marshal(beat)
	if err != nil {
		return
	}
	if f, err := os.OpenFile(b.path(c.Hash), flags, 0o644); err == nil {
		_, _ = f.Write(append(line, '\n')) // see Beat
		_ = f.Close()
	}
}

// ended removes the file of a cell.
func (b *beats) ended(c Cell) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.cells[c.Hash]; ok {
		delete(b.cells, c.Hash)
		_ = os.Remove(b.path(c.Hash)) // the next start does
	}
}

// Beats returns the beats of a running cell, in their order; none where there are none. A line that is being written is left out.
func Beats(run, cell string) ([]Beat, error) {
	text, err := inputfile.Read(filepath.Join(beatsDir(run), cell+".jsonl"), maxBeatsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Beat
	for l := range bytes.Lines(text) {
		var b beatLine
		if json.Unmarshal(l, &b) == nil {
			out = append(out, b.beat())
		}
	}
	return out, nil
}

// beatLine is a Beat as it is read: a loss may be null or a word.
type beatLine struct {
	Time   float64        `json:"t"`
	Step   int            `json:"step"`
	Of     int            `json:"of"`
	Losses map[string]any `json:"losses"`
	Note   string         `json:"note"`
	Worker string         `json:"worker"`
}

func (l beatLine) beat() Beat {
	b := Beat{Time: l.Time, Step: l.Step, Of: l.Of, Note: l.Note, Worker: l.Worker, Losses: map[string]reports.Float{}}
	for name, v := range l.Losses {
		if f, ok := v.(float64); ok {
			b.Losses[name] = reports.Float(f)
		}
	}
	return b
}

// runningCells are the hashes of the cells that have a file of beats, and when each was last heard of.
func runningCells(run string) (map[string]time.Time, error) {
	entries, err := os.ReadDir(beatsDir(run))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := map[string]time.Time{}
	for _, e := range entries {
		cell, ok := strings.CutSuffix(e.Name(), ".jsonl")
		info, err := e.Info()
		if ok && err == nil && info.Mode().IsRegular() {
			out[cell] = info.ModTime()
		}
	}
	return out, nil
}
