package command

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// On a terminal a line is written over, and cut where it would wrap; the end leaves nothing. In a log lines are apart by the pause, and nothing is cut.
func TestLiveLine(t *testing.T) {
	var b bytes.Buffer
	long := strings.Repeat("é", 50)
	s := liveLine{w: &b, width: 40}
	s.clear()
	s.show(long + "\x1b[31m")
	s.clear()
	if want := "\r\x1b[K" + strings.Repeat("é", 39) + "\r\x1b[K"; b.String() != want {
		t.Errorf("terminal: %q, want %q", b.String(), want)
	}
	b.Reset()
	s.show(long[:2*40]) // as wide as the terminal, whose last column would wrap it
	if want := "\r\x1b[K" + strings.Repeat("é", 39); b.String() != want {
		t.Errorf("as wide as the terminal: %q", b.String())
	}
	b.Reset()
	s = newLiveLine(&b)
	s.show(long)
	s.clear()
	if b.String() != long+"\n" {
		t.Errorf("log: %q", b.String())
	}
	now := time.Now()
	for i, want := range []bool{true, false, true} { // at 0, 6 and 12 seconds
		if got := s.due(now.Add(time.Duration(6*i) * time.Second)); got != want {
			t.Errorf("due after %d s: %t", 6*i, got)
		}
	}
}

// A remark beside the results ends where the terminal does, and is one line in a log.
func TestRemarksKnowTheTerminal(t *testing.T) {
	text := "5 cells (0 finished before, 0 failed); wrote " + strings.Repeat("/tmp/runs/smoke/report.html, ", 9) + "/tmp/x"
	lines := remarkLines(text, 80)
	for i, l := range lines {
		if len(l) > 80 || i > 0 && !strings.HasPrefix(l, "  /tmp") {
			t.Errorf("%d: %q", len(l), l)
		}
	}
	if got := strings.Join(strings.Fields(strings.Join(lines, " ")), " "); got != text || len(lines) < 3 {
		t.Errorf("%d lines: %s", len(lines), got)
	}
	for _, l := range remarkLines(strings.Repeat("ab ", 100), 80) { // words so short that lines are full
		if len(l) > 80 {
			t.Errorf("%d: %q", len(l), l)
		}
	}
	if got := remarkLines(text, 0); len(got) != 1 || got[0] != text {
		t.Errorf("in a log: %q", got)
	}
}
