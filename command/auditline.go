package command

import (
	"fmt"
	"io"
	"time"

	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/runners/audit"
)

// auditLine shows how far an audit is and how long it will take: on a terminal as one line that is written over, in a log as a line every so often.
type auditLine struct {
	w           io.Writer
	terminal    bool
	start, last time.Time
	before      float64 // pieces that were there when it began
	shown       bool
}

// newAuditLine returns nil where nothing is to be shown.
func newAuditLine(w io.Writer, quiet bool) *auditLine {
	if quiet {
		return nil
	}
	_, ok := terminal(w)
	return &auditLine{w: w, terminal: ok, start: time.Now()}
}

// settled is how long an audit may find finished pieces before what it does counts as work.
const settled = time.Second

// teller is what an audit tells; nil for silence.
func (l *auditLine) teller() func(audit.Progress) {
	if l == nil {
		return nil
	}
	return l.tell
}

func (l *auditLine) tell(p audit.Progress) {
	now := time.Now()
	if now.Sub(l.start) < settled {
		l.before = p.Done
	}
	pause := logEvery
	if l.terminal {
		pause = 200 * time.Millisecond
	}
	if now.Sub(l.last) < pause {
		return
	}
	l.last, l.shown = now, true
	left := "time left unknown"
	if worked := p.Done - l.before; worked > 0 && now.Sub(l.start) > 3*settled {
		left = fmt.Sprintf("%v left", time.Duration((p.Total-p.Done)/worked*float64(now.Sub(l.start))).Round(time.Second))
	}
	line := quote.Flat(fmt.Sprintf("%.0f of %.0f pieces, %s, %s", p.Done, p.Total, left, p.Text))
	if l.terminal {
		if r := []rune(line); len(r) > 79 {
			line = string(r[:79])
		}
		fmt.Fprintf(l.w, "\r\x1b[K%s", line)
		return
	}
	fmt.Fprintln(l.w, line)
}

// close leaves the terminal's line clean. It is safe on nil.
func (l *auditLine) close() {
	if l != nil && l.terminal && l.shown {
		fmt.Fprint(l.w, "\r\x1b[K")
	}
}
