package serve

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/assay-gan/assay/internal/browsertest"
)

// until waits until an expression holds in the page.
func until(expression string) chromedp.Action {
	var ok bool
	return chromedp.Poll(expression, &ok, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(time.Minute))
}

// Nobody is kept from the live page: axe-core has no serious and no critical finding while a run is at work.
func TestLivePageHasNoBarriers(t *testing.T) {
	axe := browsertest.Axe(t)
	ctx := browsertest.Open(t)
	dir := runFolder(t, cells(30), 12)
	f := hold(t, dir)
	defer f.Close()
	h := server(t, dir)
	for _, width := range []int64{1100, 390} {
		err := chromedp.Run(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(h.URL),
			until(`document.querySelectorAll('#work svg path').length > 0 && document.querySelectorAll('#best svg path').length > 0 && document.querySelectorAll('#newest .card').length == 12`))
		if err != nil {
			t.Fatal(err)
		}
		found, err := browsertest.Barriers(ctx, axe)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Errorf("%d wide: %s", width, f)
		}
	}
}

// The live page in a real browser, under its policy and without a complaint: it shows what is at work with its curves, follows the run, takes names for text, and is
// the report when nothing is left to come. ASSAY_SHOTS names a folder for screenshots.
func TestLivePageInBrowser(t *testing.T) {
	ctx := browsertest.Open(t)
	all := cells(30)
	dir := runFolder(t, all, 12)
	f := hold(t, dir)
	h := server(t, dir)
	said := browsertest.Listen(ctx, h.URL)
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
	ctx := browsertest.Open(t)
	h := server(t, runFolder(t, cells(5), 2))
	said := browsertest.Listen(ctx, h.URL)
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
