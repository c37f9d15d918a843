package reports

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is missing and invented stands in pictures of its own, each with its lines of the evidence; a picture that is no PNG is a gap, and what was not drawn is not shown.
func TestPartSheets(t *testing.T) {
	dir := t.TempDir()
	png, text := filepath.Join(dir, "missing.png"), filepath.Join(dir, "invented.png")
	for path, content := range map[string]string{png: "\x89PNG\r\n\x1a\n and so on", text: "no picture"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v := &Verdict{Word: "dropped", Evidence: []string{"1 of 10 classes are missing (7)", "missing: at least 8 % of the data look like these", "invented: at least 7 % of the fakes look like these", "missing: at least 6 %"}}
	s := Shown{Artifacts: Artifacts{Missing: png, Invented: text, Verdict: v}, Row: "gan", Dataset: "mnist"}
	sheets, gaps := partSheets(s)
	var captions []string
	for _, one := range sheets {
		caption := one.Title + ": " + one.Caption
		for row, line := range one.Rows { // the page numbers them
			caption += fmt.Sprintf("; %d: %s", row+1, line)
		}
		captions = append(captions, caption)
		if one.Badge != nil {
			t.Error("the verdict stands at the samples, not again at each picture")
		}
	}
	want := []string{"gan: Missing, a row each: real samples of parts of the data that it lacks; 1: at least 8 % of the data look like these; 2: at least 6 %",
		"gan: Invented, a row each: samples of it in parts where the data are fewer; 1: at least 7 % of the fakes look like these"}
	if d := cmp.Diff(want, captions); d != "" {
		t.Error(d)
	}
	if len(gaps) != 1 || gaps[0] != text+" is no PNG" || sheets[0].Image == "" || sheets[1].Image != "" {
		t.Errorf("gaps %q", gaps)
	}
	if sheets, gaps = partSheets(Shown{Artifacts: Artifacts{Verdict: v}}); len(sheets)+len(gaps) > 0 {
		t.Errorf("nothing was drawn: %v %v", sheets, gaps)
	}
}
