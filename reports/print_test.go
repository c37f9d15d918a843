package reports

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	paper "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/assay-gan/assay/internal/browsertest"
)

// Printed, a run of six models on three sets with all of its pictures takes at most twelve pages, no table is cut at the edge, nothing scrolls, and what was folded is there.
func TestPageInPrint(t *testing.T) {
	ctx := browsertest.Open(t)
	run, err := Load(runFolder(t, benchRecords()))
	if err != nil {
		t.Fatal(err)
	}
	const letter = 816 - 2*42 // CSS pixels of the paper less the margins of the style sheet
	var pdf []byte
	var cut, folded, moving string
	err = chromedp.Run(ctx, chromedp.Navigate(reportPage(t, run, Options{})),
		chromedp.ActionFunc(func(ctx context.Context) (err error) {
			pdf, _, err = paper.PrintToPDF().WithPreferCSSPageSize(true).Do(ctx)
			return err
		}),
		emulation.SetDeviceMetricsOverride(letter, 900, 1, false), emulation.SetEmulatedMedia().WithMedia("print"),
		chromedp.Evaluate(`[...document.querySelectorAll('table')].filter((t) => t.getBoundingClientRect().right > innerWidth + 1).map((t) => t.id).join()`, &cut),
		chromedp.Evaluate(`[...document.querySelectorAll('.scroll')].filter((s) => getComputedStyle(s).overflowX !== 'visible').length + ' and ' + (document.documentElement.scrollWidth - innerWidth > 0)`, &moving),
		chromedp.Evaluate(`String(document.querySelector('#findings li').checkVisibility({contentVisibilityAuto: true}) && document.querySelector('#findings li').getClientRects().length > 0)`, &folded))
	if err != nil {
		t.Fatal(err)
	}
	pages := bytes.Count(pdf, []byte("/Type /Page\n")) + strings.Count(string(pdf), "/Type /Page ") // not /Pages
	t.Logf("%d pages, %d bytes", pages, len(pdf))
	if pages < 2 || pages > 12 || cut != "" || moving != "0 and false" || folded != "true" {
		t.Errorf("%d pages; cut: %q; regions that scroll, and a page too wide: %s; findings there: %s", pages, cut, moving, folded)
	}
}
