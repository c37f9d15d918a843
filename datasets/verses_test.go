package datasets

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCutWords(t *testing.T) {
	for line, want := range map[string]string{
		"From fairest creatures we desire increase,": "from fairest creatures we desire increase",
		"'Will,' quoth I: self-substantial fire--my": "will quoth i self-substantial fire my",
		"  Feed'st  thy light'st ":                   "feed'st thy light'st",
		"... -- '":                                   "",
	} {
		if got := strings.Join(cutWords(line), " "); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestVerses(t *testing.T) {
	s, err := Verses{}.Load(t.Context(), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if s.Train.Len() != 1700 || s.Test.Len() != 200 || len(s.Vocabulary.Words) != s.Vocabulary.Size {
		t.Errorf("%d lines, %d to test, %d words of %d", s.Train.Len(), s.Test.Len(), len(s.Vocabulary.Words), s.Vocabulary.Size)
	}
	row, err := s.Vocabulary.Row("Shall I compare thee to a summer's day?", 12)
	if err != nil || s.Vocabulary.Text(row) != "shall i compare thee to a summer's day" {
		t.Errorf("%q (%v)", s.Vocabulary.Text(row), err)
	}
	row, err = s.Vocabulary.Row("thou metamorphosis", 3)
	if err != nil || s.Vocabulary.Text(row) != "thou <unk>" || row[2] != 0 {
		t.Errorf("%v, %q (%v)", row, s.Vocabulary.Text(row), err)
	}
	for _, bad := range []string{"", "!", "one two three four"} {
		if _, err := s.Vocabulary.Row(bad, 3); !errors.Is(err, ErrOption) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestNumbersAsText(t *testing.T) {
	v := &Vocabulary{Size: 12, End: -1, Unknown: -1}
	if got := v.Text([]float32{3, 11, 0}); got != "3 11 0" {
		t.Errorf("%q", got)
	}
	if row, err := v.Row("3 11 0", 3); err != nil || !slices.Equal(row, []float32{3, 11, 0}) {
		t.Errorf("%v, %v", row, err)
	}
	for _, bad := range []string{"3 12 0", "1 2", "1 2 x", "-1 2 3"} {
		if _, err := v.Row(bad, 3); !errors.Is(err, ErrOption) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	ended := &Vocabulary{Size: 3, End: 0, Unknown: 1}
	if err := ended.Check(&Samples{Shape: []int{3}, Data: []float32{2, 0, 2}}); !errors.Is(err, ErrShape) {
		t.Errorf("a row that goes on after its end: %v", err)
	}
}

// Errors of a user's file name the file, and the line where there is one.
func TestTextErrors(t *testing.T) {
	for content, want := range map[string]string{
		"good line\nbad \xff line\n":          "line 2: not text in UTF-8",
		"good\n" + strings.Repeat("x", 1<<21): "line 2: ",
		"\n\n":                                "no line of at most 12 words",
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "sentences.txt")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Text{}.Load(t.Context(), Options{Dir: dir})
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v", content, err)
		}
	}
	_, err := Text{}.Load(t.Context(), Options{Dir: t.TempDir()})
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "one sentence a line") {
		t.Errorf("no file: %v", err)
	}
}
