package reports

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser starts a headless chromium with a fresh profile, or skips the test. ASSAY_BROWSER names another program.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	path := os.Getenv("ASSAY_BROWSER")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); path == "" && err == nil {
			path = found
		}
	}
	if path == "" {
		t.Skip("no chromium found: apt-get install chromium, or name one in ASSAY_BROWSER")
	}
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options, chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile(t)), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true))
	all, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, done := chromedp.NewContext(all)
	t.Cleanup(done)
	limited, cancel := context.WithTimeout(tab, 90*time.Second)
	t.Cleanup(cancel)
	return limited
}

// complaints collects what the console, the page and the network say.
type complaints struct {
	mu  sync.Mutex
	all []string
}

// profile is a folder for the browser's files. The browser may write on for a moment after it was told to end, which t.TempDir counts as a failure of the test, so the
// folder is removed with patience instead.
func profile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "assay-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 50 {
			if os.RemoveAll(dir) == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("could not remove %s", dir)
	})
	return dir
}

func (c *complaints) listen(ctx context.Context) {
	add := func(kind, text string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all = append(c.all, kind+": "+text)
	}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			add("exception", e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
				for _, a := range e.Args {
					add("console", string(a.Value)+a.Description)
				}
			}
		case *log.EventEntryAdded:
			add("log", e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, "file:") && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:") {
				add("network", u)
			}
		}
	})
}

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
	ctx := browser(t)
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
	var said complaints
	said.listen(ctx)
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
			t.Fatalf("%s: %v (%v)", view.name, err, said.all)
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
	for _, s := range said.all {
		t.Error(s)
	}
}

// The check above must be able to fail: a script that the policy does not name is refused and reported.
func TestPolicyRefusesForeignScripts(t *testing.T) {
	ctx := browser(t)
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
	var said complaints
	said.listen(ctx)
	var broken bool
	if err := chromedp.Run(ctx, log.Enable(), chromedp.Navigate("file://"+paths[0]), chromedp.Sleep(300*time.Millisecond), chromedp.Evaluate(`'broken' in window`, &broken)); err != nil {
		t.Fatal(err)
	}
	if broken || !strings.Contains(fmt.Sprint(said.all), "Content Security Policy") {
		t.Errorf("ran: %v, said: %v", broken, said.all)
	}
}

// studyOn puts records on another data set, so that fixtures can share a page.
func studyOn(dataset string, recs []Record) []Record {
	for i := range recs {
		recs[i].Dataset = dataset
	}
	return recs
}
