package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/assay-gan/assay/internal/browsertest"
)

func wait(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

func reportPage(t *testing.T, run *Run, o Options) string {
	t.Helper()
	paths, err := report(t, run, o).WriteAll(t.TempDir(), []Format{{File: "report.html", Write: HTML}})
	if err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: paths[0]}).String()
}

// The page in a real browser: no complaint under its strict policy, no request, every chart drawn by the chart programs, nothing wider than the window, in
// both themes and at two widths. ASSAY_SHOTS names a folder for screenshots.
func TestPageInBrowser(t *testing.T) {
	ctx := browsertest.Open(t)
	var err error
	views, recs := 2, append(benchRecords(), studyOn("study", studyRecords())...)
	if os.Getenv("ASSAY_SHOTS") != "" {
		views = 4
	} else if recs, err = Filter(recs, "dataset=ring,study", "seed=0,1,2,3"); err != nil { // fewer charts do: the kinds count
		t.Fatal(err)
	}
	run, err := Load(runFolder(t, recs))
	if err != nil {
		t.Fatal(err)
	}
	page := reportPage(t, run, Options{})
	said := browsertest.Listen(ctx, "file:")
	for _, view := range []struct {
		name   string
		width  int64
		scheme string
	}{{"desktop-light", 1280, "light"}, {"phone-dark", 390, "dark"}, {"desktop-dark", 1280, "dark"}, {"phone-light", 390, "light"}}[:views] {
		var charts, drawn, wide int
		var opened float64
		var shot []byte
		err := chromedp.Run(ctx, network.Enable(), log.Enable(),
			emulation.SetDeviceMetricsOverride(view.width, 900, 1, view.width < 600),
			emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: view.scheme}}),
			chromedp.Navigate(page),
			chromedp.Evaluate(`(async () => { while (!document.querySelector('.chart[data-state]')) { document.querySelector('.chart').scrollIntoView(); await new Promise(r => setTimeout(r, 5)); } return performance.now() })()`, &opened, wait),
			chromedp.Evaluate(`(async () => { // come by every chart, as a reader does
				for (const c of document.querySelectorAll('.chart')) { c.scrollIntoView(); for (let i = 0; i < 200 && !c.dataset.state; i++) await new Promise(r => setTimeout(r, 20)); }
				scrollTo(0, 0); return document.querySelectorAll('.chart').length })()`, &charts, wait),
			chromedp.Evaluate(`document.querySelectorAll('.chart[data-state=drawn] .live svg.marks').length`, &drawn),
			chromedp.Evaluate(`document.documentElement.scrollWidth - innerWidth`, &wide),
			chromedp.FullScreenshot(&shot, 100))
		if err != nil {
			t.Fatalf("%s: %v (%v)", view.name, err, said())
		}
		t.Logf("%s: first chart drawn %.0f ms after navigation", view.name, opened)
		if charts < 9 || drawn != charts || wide > 0 {
			t.Errorf("%s: %d of %d charts drawn, %d pixels too wide", view.name, drawn, charts, wide)
		}
		if dir := os.Getenv("ASSAY_SHOTS"); dir != "" {
			if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, view.name+".png"), shot, 0o644)); err != nil {
				t.Error(err)
			}
		}
	}
	for _, s := range said() {
		t.Error(s)
	}
}

// Nobody is kept from a page: axe-core has no serious and no critical finding on the report, the history and a document, in light and in dark. The check can fail: a grey
// text on grey is found.
func TestPagesHaveNoBarriers(t *testing.T) {
	axe := browsertest.Axe(t)
	ctx := browsertest.Open(t)
	dir := t.TempDir()
	run, err := Load(runFolder(t, append(benchRecords(), studyOn("study", studyRecords())...)))
	if err != nil {
		t.Fatal(err)
	}
	run.Notes = append(run.Notes, "a note on the run")
	pages := map[string]func(io.Writer) error{
		"report": func(w io.Writer) error { return HTML(w, report(t, run, Options{})) },
		"bare":   func(w io.Writer) error { return HTML(w, report(t, run, Options{Bare: true})) },
		"history": func(w io.Writer) error {
			path := filepath.Join(t.TempDir(), "history.jsonl")
			nights(t, path, 12, 8)
			h, err := LoadHistory(path)
			if err != nil {
				return err
			}
			series, err := h.Series()
			if err != nil {
				return err
			}
			return HistoryHTML(w, h, series, "nights")
		},
		"document": func(w io.Writer) error { return DocumentHTML(w, someDocument()) },
		"broken": func(w io.Writer) error {
			_, err := io.WriteString(w, `<!doctype html><html lang="en"><title>x</title><body style="background:#fff"><main><h1>x</h1><p style="color:#aaa">grey</p></main></body></html>`)
			return err
		},
	}
	for name, write := range pages {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(name, err)
		}
		path := filepath.Join(dir, name+".html")
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Run(ctx, chromedp.EmulateViewport(1200, 900), chromedp.Navigate("file://"+path)); err != nil {
			t.Fatal(name, err)
		}
		found, err := browsertest.Barriers(ctx, axe)
		if err != nil {
			t.Fatal(name, err)
		}
		if name == "broken" {
			if len(found) != 2 || !strings.Contains(found[0], "serious color-contrast") {
				t.Errorf("the check finds no grey on white: %q", found)
			}
			continue
		}
		for _, f := range found {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// The check of the page in a browser must be able to fail: a script that the policy does not name is refused and reported.
func TestPolicyRefusesForeignScripts(t *testing.T) {
	ctx := browsertest.Open(t)
	dir := t.TempDir()
	paths, err := report(t, NewRun("x", studyRecords()), Options{}).WriteAll(dir, []Format{{File: "report.html", Write: HTML}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(paths[0], []byte(strings.Replace(string(text), "</body>", "<script>window.broken = eval('1')</script></body>", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	said := browsertest.Listen(ctx, "file:")
	var broken bool
	if err := chromedp.Run(ctx, log.Enable(), chromedp.Navigate("file://"+paths[0]), chromedp.Sleep(300*time.Millisecond), chromedp.Evaluate(`'broken' in window`, &broken)); err != nil {
		t.Fatal(err)
	}
	if broken || !strings.Contains(fmt.Sprint(said()), "Content Security Policy") {
		t.Errorf("ran: %v, said: %v", broken, said())
	}
}

// studyOn puts records on another data set, so that fixtures can share a page.
func studyOn(dataset string, recs []Record) []Record {
	for i := range recs {
		recs[i].Dataset = dataset
	}
	return recs
}
