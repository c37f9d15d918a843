package zoo_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/zoo"
)

const docs = "../docs/zoo/README.md"

// The tables of docs/zoo/README.md are what the models say of themselves; UPDATE_GOLDEN=1 writes them again between their marks.
func TestDocs(t *testing.T) {
	b, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	want := splice(t, text, "models", table(t, zoo.All()))
	want = splice(t, want, "controls", table(t, zoo.Controls()))
	want = splice(t, want, "settings", meanings())
	if want == text {
		return
	}
	if !testutil.UpdateGolden() {
		t.Fatalf("%s is stale: run UPDATE_GOLDEN=1 go test -run TestDocs ./zoo", docs)
	}
	if err := os.WriteFile(docs, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func splice(t *testing.T, text, name, content string) string {
	t.Helper()
	begin, end := "<!-- "+name+": generated -->\n", "<!-- end of "+name+" -->"
	before, rest, ok := strings.Cut(text, begin)
	_, after, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatalf("%s has no marks for the %s", docs, name)
	}
	return before + begin + content + end + after
}

// everywhere are the settings that mean the same in all models; their values are told in the text.
var everywhere = []string{"steps", "batch", "width", "depth", "ema"}

func table(t *testing.T, models []zoo.Model) string {
	var s strings.Builder
	s.WriteString("| id | model | paper | minimised | settings |\n|---|---|---|---|---|\n")
	for _, m := range models {
		info := m.Info()
		e, err := cite.Lookup(info.Paper)
		if err != nil {
			t.Fatal(err)
		}
		paper := fmt.Sprintf("%s, %s", info.Paper, e.Fields["title"])
		if id := e.Fields["eprint"]; id != "" {
			paper = fmt.Sprintf("[%s](https://arxiv.org/abs/%s)", info.Paper, id)
		}
		title := info.Title
		if info.Conditional {
			title += " (takes the class)"
		}
		if len(info.Kinds) == 1 {
			title += fmt.Sprintf(" (%s only)", info.Kinds[0])
		}
		var settings []string
		for _, p := range info.Settings {
			if !slices.Contains(everywhere, p.Name) {
				settings = append(settings, p.Name+" = "+defaults(info, p))
			}
		}
		fmt.Fprintf(&s, "| [`%s`](%s.md) | %s | %s | %s | %s |\n", info.ID, info.ID, title, paper, code(info.Objective), strings.Join(settings, ", "))
	}
	return s.String()
}

// code sets a formula so that neither bars nor stars mean anything to Markdown.
func code(formula string) string { return "`" + strings.ReplaceAll(formula, "|", "\\|") + "`" }

// defaults are the value for points and the one for images, or one where they agree.
func defaults(info zoo.Info, p zoo.Setting) string {
	of := p.DefaultFor
	if len(info.Kinds) == 1 || of(datasets.Points) == of(datasets.Images) {
		return of(info.Kinds[0])
	}
	return of(datasets.Points) + " / " + of(datasets.Images)
}

// meanings lists every setting once with each meaning it has.
func meanings() string {
	type meaning struct{ doc, models string }
	all := map[string][]meaning{}
	var names []string
	for _, m := range append(zoo.All(), zoo.Controls()...) {
		info := m.Info()
		for _, p := range info.Settings {
			doc := p.Doc
			if p.Choices != nil {
				doc += ": " + strings.Join(p.Choices, ", ")
			}
			if _, ok := all[p.Name]; !ok {
				names = append(names, p.Name)
			}
			i := slices.IndexFunc(all[p.Name], func(x meaning) bool { return x.doc == doc })
			if i < 0 {
				all[p.Name] = append(all[p.Name], meaning{doc, info.ID})
			} else {
				all[p.Name][i].models += ", " + info.ID
			}
		}
	}
	slices.Sort(names)
	var s strings.Builder
	s.WriteString("| setting | meaning | models |\n|---|---|---|\n")
	for _, n := range names {
		for _, m := range all[n] {
			models := m.models
			if strings.Count(models, ",") > 7 {
				models = fmt.Sprintf("%d models", strings.Count(models, ",")+1)
			}
			fmt.Fprintf(&s, "| %s | %s | %s |\n", n, m.doc, models)
		}
	}
	return s.String()
}
