package command

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/zoo"
)

// logEvery is the pause between progress lines in a log.
const logEvery = 10 * time.Second

// The parts of a line of bars, which leave room for a rate and a loss on a terminal of 80 columns.
const (
	nameWidth = 28
	barWidth  = 16
)

// shortened is the beginning of a text that has no room.
func shortened(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// display shows a run: bars on a terminal, else a line when something ends and one every so often in between.
type display interface {
	event(runners.Event)
	close()
}

// newDisplay chooses by what stderr is.
func newDisplay(w io.Writer, quiet bool) display {
	if quiet {
		return silent{}
	}
	if _, ok := terminal(w); ok {
		return newBars(w)
	}
	return &lines{w: w, start: time.Now(), last: time.Now()}
}

type silent struct{}

func (silent) event(runners.Event) {}
func (silent) close()              {}

// lines is the display for logs.
type lines struct {
	w           io.Writer
	start, last time.Time
	stage       string
	left        remaining
}

func (l *lines) say(format string, a ...any) {
	fmt.Fprintf(l.w, "%6.1fs  %s\n", time.Since(l.start).Seconds(), quote.Flat(fmt.Sprintf(format, a...)))
	l.last = time.Now()
}

func (l *lines) event(e runners.Event) {
	switch e.Kind {
	case runners.Stage:
		if e.Text != l.stage || time.Since(l.last) > logEvery {
			l.stage = e.Text
			l.say("%s (%.0f %%)", e.Text, 100*e.Share)
		}
	case runners.Prepared:
		l.left = remaining{time.Now(), e.Done}
		l.say("%s", preparedText(e))
	case runners.Started: // the first step says so
	case runners.Progressed:
		if time.Since(l.last) > logEvery {
			l.say("%s: step %d of %d%s; %d of %d cells finished%s", e.Cell.Title(), e.Progress.Step, e.Progress.Of, noted(e.Progress.Note), e.Done, e.Total, l.left.text(e.Done, e.Total))
		}
	case runners.Ended:
		l.say("[%d/%d] %s: %s", e.Done, e.Total, e.Cell.Title(), scoreText(e.Records))
	case runners.Noted:
		l.say("%s", e.Text)
	}
}

func (*lines) close() {}

// remaining tells the time that the rest of a run takes, from the cells that were finished since it began.
type remaining struct {
	since  time.Time
	before int // finished in an earlier run
}

// text is "" where nothing can be told yet.
func (r remaining) text(done, total int) string {
	fresh := done - r.before
	if r.since.IsZero() || fresh < 1 || done >= total {
		return ""
	}
	return ", about " + (time.Since(r.since) / time.Duration(fresh) * time.Duration(total-done)).Round(time.Second).String() + " left"
}

// noted is what a monitor says, behind a comma.
func noted(text string) string {
	if text == "" {
		return ""
	}
	return ", " + text
}

func preparedText(e runners.Event) string {
	text := fmt.Sprintf("%d cells", e.Total)
	if e.Done > 0 {
		text += fmt.Sprintf(", %d finished before", e.Done)
	}
	if e.Stale > 0 {
		text += fmt.Sprintf(", %d of another build, other data, other weights or a program without a version are run again", e.Stale)
	}
	return text
}

// losses are the latest losses, in the order of their names, and what a monitor says.
func losses(p zoo.Progress) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(p.Losses)) {
		if strings.HasPrefix(name, "loss") {
			parts = append(parts, fmt.Sprintf("%s %.4g", name, p.Losses[name]))
		}
	}
	if p.Note != "" {
		parts = append(parts, p.Note)
	}
	return strings.Join(parts, ", ")
}

// scoreText is a cell's first values in a few words.
func scoreText(recs []reports.Record) string {
	var parts []string
	for _, r := range recs {
		if r.CellFailed() {
			return "FAILED: " + r.Error
		}
		if r.Status != reports.Failed && len(parts) < 3 {
			parts = append(parts, fmt.Sprintf("%s %.4g", r.Metric, r.Value))
		}
	}
	return strings.Join(parts, ", ")
}

// bars is the display for terminals: a bar for the cells, and one for each in training with its rate, time left and last loss.
type bars struct {
	pool  *mpb.Progress
	mu    sync.Mutex
	all   *mpb.Bar
	stage *mpb.Bar // of the preparation
	score string
	cells map[string]*cellBar
	left  string // of the whole, as text
	clock remaining

	stageText string
}

type cellBar struct {
	bar  *mpb.Bar
	mu   sync.Mutex
	text string
	at   time.Time
	step int
}

func (c *cellBar) latest() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text
}

func newBars(w io.Writer) *bars {
	return &bars{pool: mpb.New(mpb.WithOutput(w), mpb.WithWidth(barWidth)), cells: map[string]*cellBar{}}
}

func (b *bars) lastScore() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.score == "" {
		return b.left
	}
	return b.left + "  " + b.score
}

func (b *bars) event(e runners.Event) {
	switch e.Kind {
	case runners.Stage:
		b.prepare(e)
	case runners.Prepared:
		if b.stage != nil {
			b.stage.Abort(true)
		}
		b.all = b.pool.AddBar(int64(e.Total), mpb.BarPriority(1<<20),
			mpb.PrependDecorators(decor.Name("cells", decor.WC{W: nameWidth, C: decor.DindentRight}), decor.CountersNoUnit("%d/%d ")),
			mpb.AppendDecorators(decor.Name(" "), decor.Elapsed(decor.ET_STYLE_GO), decor.Any(func(decor.Statistics) string { return b.lastScore() })))
		b.all.SetCurrent(int64(e.Done))
		b.clock = remaining{time.Now(), e.Done}
	case runners.Started:
		b.add(e.Cell)
	case runners.Progressed:
		b.step(e)
	case runners.Ended:
		if c := b.cells[e.Cell.Hash]; c != nil {
			c.bar.Abort(true)
			delete(b.cells, e.Cell.Hash)
		}
		b.setLeft(b.clock.text(e.Done, e.Total))
		b.setScore(e.Cell.Title() + ": " + scoreText(e.Records))
		b.all.SetCurrent(int64(e.Done))
	case runners.Noted:
		fmt.Fprintln(b.pool, quote.Flat(e.Text)) // above the bars
	}
}

// prepare shows the share of the preparation that is done.
func (b *bars) prepare(e runners.Event) {
	if e.Text != b.stageText {
		if b.stage != nil {
			b.stage.Abort(true)
		}
		b.stageText = e.Text
		b.stage = b.pool.AddBar(1001, mpb.BarRemoveOnComplete(), mpb.PrependDecorators(decor.Name(shortened(quote.Flat(e.Text), nameWidth-1), decor.WC{W: nameWidth, C: decor.DindentRight}), decor.Percentage(), decor.Name(" ")),
			mpb.AppendDecorators(decor.Name(" "), decor.Elapsed(decor.ET_STYLE_GO)))
	}
	b.stage.SetCurrent(int64(1000 * e.Share))
}

func (b *bars) setLeft(s string) {
	b.mu.Lock()
	b.left = s
	b.mu.Unlock()
}

func (b *bars) setScore(s string) {
	b.mu.Lock()
	b.score = quote.Flat(s)
	b.mu.Unlock()
}

func (b *bars) add(c runners.Cell) {
	cell := &cellBar{at: time.Now()}
	cell.bar = b.pool.AddBar(int64(max(c.Steps(), 1)), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(shortened(quote.Flat(c.Title()), nameWidth-1), decor.WC{W: nameWidth, C: decor.DindentRight}), decor.CountersNoUnit("%d/%d ")),
		mpb.AppendDecorators(decor.Name(" "), decor.EwmaETA(decor.ET_STYLE_GO, 20), decor.Any(func(decor.Statistics) string { return "  " + cell.latest() })))
	b.cells[c.Hash] = cell
}

func (b *bars) step(e runners.Event) {
	c := b.cells[e.Cell.Hash]
	if c == nil {
		return
	}
	c.mu.Lock()
	passed, steps := time.Since(c.at), e.Progress.Step-c.step
	c.at, c.step = time.Now(), e.Progress.Step
	c.text = fmt.Sprintf("%.0f steps/s  %s", float64(steps)/max(passed.Seconds(), 1e-9), losses(e.Progress))
	c.mu.Unlock()
	c.bar.EwmaSetCurrent(int64(e.Progress.Step), passed)
}

func (b *bars) close() {
	for _, c := range b.cells {
		c.bar.Abort(true)
	}
	if b.stage != nil {
		b.stage.Abort(true)
	}
	if b.all != nil {
		b.all.Abort(false)
	}
	b.pool.Wait()
}
