package serve

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

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
	profile, err := os.MkdirTemp("", "assay-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the browser may write on for a moment after it was told to end
		for range 50 {
			if os.RemoveAll(profile) == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("could not remove %s", profile)
	})
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options, chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	all, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, done := chromedp.NewContext(all)
	t.Cleanup(done)
	limited, cancel := context.WithTimeout(tab, 2*time.Minute)
	t.Cleanup(cancel)
	return limited
}

// complaints are what the console, the page and the network say, and requests to anywhere but the server.
func complaints(ctx context.Context, own string) func() []string {
	var mu sync.Mutex
	var all []string
	add := func(kind, text string) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, kind+": "+text)
	}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			add("exception", e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			add("log", e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, own) && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:") {
				add("network", u)
			}
		}
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), all...)
	}
}

// until waits until an expression holds in the page.
func until(expression string) chromedp.Action {
	var ok bool
	return chromedp.Poll(expression, &ok, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(time.Minute))
}

// The live page in a real browser, under its policy and without a complaint: it shows what is at work with its curves, follows the run, takes names for text, and is
// the report when nothing is left to come. ASSAY_SHOTS names a folder for screenshots.
func TestLivePageInBrowser(t *testing.T) {
	ctx := browser(t)
	all := cells(30)
	dir := runFolder(t, all, 12)
	f := hold(t, dir)
	h := server(t, dir)
	said := complaints(ctx, h.URL)
	var rows, wide int
	var broken, bold bool
	var shot []byte
	err := chromedp.Run(ctx, network.Enable(), log.Enable(), chromedp.EmulateViewport(1100, 900), chromedp.Navigate(h.URL),
		until(`document.querySelectorAll('#work svg path').length > 0 && document.querySelectorAll('#best svg path').length > 0 && document.querySelectorAll('#newest .card').length == 12`),
		until(`document.getElementById('meta').textContent.startsWith('running, 12 of 30 cells have ended, 1 failed')`),
		chromedp.Evaluate(`document.querySelectorAll('#scores tbody tr').length`, &rows),
		chromedp.Evaluate(`document.documentElement.scrollWidth - innerWidth`, &wide),
		chromedp.Evaluate(`'broken' in window`, &broken),
		chromedp.Evaluate(`document.getElementById('scores').textContent.includes('<img src=x')`, &bold),
		chromedp.FullScreenshot(&shot, 100))
	if err != nil {
		t.Fatalf("%v (%v)", err, said())
	}
	if rows != 6 || wide > 0 || broken || !bold {
		t.Errorf("%d rows of scores, want 6; %d pixels too wide; a name acted: %v, is there as text: %v", rows, wide, broken, bold)
	}
	if shots := os.Getenv("ASSAY_SHOTS"); shots != "" {
		if err := os.WriteFile(shots+"/live.png", shot, 0o644); err != nil {
			t.Error(err)
		}
	}
	add(t, dir, all[12:29])
	if err := chromedp.Run(ctx, until(`document.getElementById('meta').textContent.includes('29 of 30 cells have ended')`)); err != nil {
		t.Fatalf("%v (%v)", err, said())
	}
	if err := f.Close(); err != nil { // as kill -9 does
		t.Fatal(err)
	}
	if err := chromedp.Run(ctx, until(`document.getElementById('meta').textContent.startsWith('stopped')`)); err != nil {
		t.Fatalf("%v (%v)", err, said())
	}
	add(t, dir, all[29:])
	title := ""
	for ctx.Err() == nil && title != "Assay report" { // an error means that the page is being loaded anew
		_ = chromedp.Run(ctx, chromedp.Sleep(50*time.Millisecond), chromedp.Evaluate(`document.querySelector('.kicker').textContent`, &title))
	}
	if err := chromedp.Run(ctx, chromedp.Evaluate(`'broken' in window`, &broken)); err != nil || title != "Assay report" {
		t.Fatalf("%q, %v (%v)", title, err, said())
	}
	if all := said(); len(all) > 0 || broken {
		t.Errorf("a name acted: %v; said: %s", broken, strings.Join(all, "\n"))
	}
}

// The check above must be able to fail: a script within the page is refused and reported.
func TestLivePolicyRefusesScripts(t *testing.T) {
	ctx := browser(t)
	h := server(t, runFolder(t, cells(5), 2))
	said := complaints(ctx, h.URL)
	var broken bool
	err := chromedp.Run(ctx, network.Enable(), log.Enable(), chromedp.Navigate(h.URL),
		chromedp.Evaluate(`{ const s = document.createElement('script'); s.textContent = 'window.broken = 1'; document.body.append(s); fetch('http://127.0.0.2:1/').catch(() => {}); }`, nil),
		chromedp.Sleep(300*time.Millisecond), chromedp.Evaluate(`'broken' in window`, &broken))
	if err != nil {
		t.Fatal(err)
	}
	if broken || !strings.Contains(fmt.Sprint(said()), "Content Security Policy") {
		t.Errorf("ran: %v, said %v", broken, said())
	}
}
