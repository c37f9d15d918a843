package command

import (
	"fmt"
	"io"
	"time"

	"github.com/assay-gan/assay/runners/audit"
)

// auditLine shows how far an audit is and how long it will take.
type auditLine struct {
	line   liveLine
	start  time.Time
	before float64 // pieces that were there when it began
}

// newAuditLine returns nil where nothing is to be shown.
func newAuditLine(w io.Writer, quiet bool) *auditLine {
	if quiet {
		return nil
	}
	return &auditLine{line: newLiveLine(w), start: time.Now()}
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
	if !l.line.due(now) {
		return
	}
	left := "time left unknown"
	if worked := p.Done - l.before; worked > 0 && now.Sub(l.start) > 3*settled {
		left = fmt.Sprintf("%v left", time.Duration((p.Total-p.Done)/worked*float64(now.Sub(l.start))).Round(time.Second))
	}
	l.line.show(fmt.Sprintf("%.0f of %.0f pieces, %s, %s", p.Done, p.Total, left, p.Text))
}

// close leaves the terminal's line clean. It is safe on nil.
func (l *auditLine) close() {
	if l != nil {
		l.line.clear()
	}
}
