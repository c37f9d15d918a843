package command

import (
	"fmt"
	"io"
	"time"

	"github.com/assay-gan/assay/internal/quote"
)

// liveLine says how far something has come: on a terminal as one line that is written over and fits, in a log as a line every so often. The zero time of last lets the
// first line through at once. It is not safe for concurrent use.
type liveLine struct {
	w     io.Writer
	width int // of the terminal; 0 is a log
	last  time.Time
	shown bool
}

func newLiveLine(w io.Writer) liveLine {
	width, ok := terminal(w)
	if !ok {
		return liveLine{w: w}
	}
	return liveLine{w: w, width: max(width, 20)}
}

// due says whether it is time for another line, and that it is said now.
func (s *liveLine) due(now time.Time) bool {
	pause := logEvery
	if s.width > 0 {
		pause = 200 * time.Millisecond
	}
	if now.Sub(s.last) < pause {
		return false
	}
	s.last = now
	return true
}

func (s *liveLine) show(line string) {
	s.shown = true
	line = quote.Flat(line)
	if s.width == 0 {
		fmt.Fprintln(s.w, line)
		return
	}
	if r := []rune(line); len(r) > s.width-1 { // a line that wraps cannot be written over
		line = string(r[:s.width-1])
	}
	fmt.Fprint(s.w, overwrite, line)
}

// overwrite goes to the beginning of a terminal's line and empties it.
const overwrite = "\r\x1b[K"

// clear leaves the terminal's line clean.
func (s *liveLine) clear() {
	if s.width > 0 && s.shown {
		fmt.Fprint(s.w, overwrite)
	}
}
