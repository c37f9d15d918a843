package reports

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/assay-gan/assay/internal/inputfile"
)

// Of samples that are text the page shows a few lines, none of them endless.
const (
	shownLines = 12
	shownRunes = 240
	maxSheet   = 64 << 20 // bytes of a contact sheet
)

// contactSheet is the picture of a model's samples; what cannot be read is a gap with its reason.
func contactSheet(s Shown) (sheet, []string) {
	out := sheetOf(s, "Contact sheet of samples")
	b, err := inputfile.Read(s.Samples, maxSheet)
	if err == nil && !bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) {
		err = fmt.Errorf("%s is no PNG", s.Samples)
	}
	if err != nil {
		out.Alt = "the picture cannot be read"
		return out, []string{err.Error()}
	}
	out.Image = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b)) //nolint:gosec // base64
	return out, nil
}

// partSheets are the pictures of what a model's samples lack and of what they have beyond the data, where there are any, with what the verdict says of each row.
func partSheets(s Shown) (all []sheet, gaps []string) {
	for _, part := range []struct{ path, word, what string }{{s.Missing, "missing", "Missing, a row each: real samples of parts of the data that it lacks"},
		{s.Invented, "invented", "Invented, a row each: samples of it in parts where the data are fewer"}} {
		if part.path == "" {
			continue
		}
		one := s
		one.Samples, one.Verdict = part.path, nil
		out, gap := contactSheet(one)
		out.Caption = part.what
		if s.Verdict != nil {
			out.Rows = evidenceOf(s.Verdict, part.word+": ")
		}
		if gap == nil {
			out.Alt = fmt.Sprintf("%s: %s, trained on %s", part.what, s.Row, s.Dataset)
		}
		all, gaps = append(all, out), append(gaps, gap...)
	}
	return all, gaps
}

// evidenceOf are the lines that begin so, without their beginning.
func evidenceOf(v *Verdict, beginning string) (lines []string) {
	for _, e := range v.Evidence {
		if line, ok := strings.CutPrefix(e, beginning); ok {
			lines = append(lines, line)
		}
	}
	return lines
}

// textSheet is the first lines of a model's samples where these are text.
func textSheet(s Shown) (sheet, []string) {
	out := sheetOf(s, "Samples")
	lines, err := firstLines(s.Text)
	if err == nil && len(lines) == 0 {
		err = fmt.Errorf("%s is empty", s.Text)
	}
	if err != nil {
		out.Alt = "the text cannot be read"
		return out, []string{err.Error()}
	}
	out.Lines = lines
	return out, nil
}

func sheetOf(s Shown, what string) sheet {
	return sheet{Title: s.Row, Model: s.Row, Caption: fmt.Sprintf("seed %d", s.Seed), Badge: s.Verdict, Alt: fmt.Sprintf("%s of %s trained on %s", what, s.Row, s.Dataset)}
}

// firstLines reads what the page shows of a text and no more of it: the file may be of any size and hold anything.
func firstLines(path string) ([]string, error) {
	f, _, err := inputfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewScanner(io.LimitReader(f, 1<<20))
	in.Buffer(nil, 1<<20+1)
	var lines []string
	for len(lines) < shownLines && in.Scan() {
		line := []rune(strings.ToValidUTF8(in.Text(), "\uFFFD"))
		if len(line) > shownRunes {
			line = append(line[:shownRunes:shownRunes], '…')
		}
		lines = append(lines, string(line))
	}
	return lines, in.Err()
}
