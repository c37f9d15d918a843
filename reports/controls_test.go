package reports

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/assay-gan/assay/internal/browsertest"
)

// there waits until something is shown, focus goes to it, press clicks it.
func there(selector string) chromedp.Action {
	return chromedp.Poll(fmt.Sprintf(`!!document.querySelector(%q)?.getClientRects().length`, selector), nil)
}

func focus(selector string) chromedp.Action {
	return chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).focus()`, selector), nil)
}

func press(selector string) chromedp.Action {
	return chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).click()`, selector), nil)
}

// What the page's controls do, by mouse and by keys: heads sort with yardsticks kept below, the filter hides rows, figures and data sets and is in the address, from which
// another reader's page has it too, the switch shows all columns, and a value tells what hovering would.
func TestPageControls(t *testing.T) {
	ctx := browsertest.Open(t)
	run, err := Load(runFolder(t, benchRecords()))
	if err != nil {
		t.Fatal(err)
	}
	page := reportPage(t, run, Options{})
	said := browsertest.Listen(ctx, "file:")
	get := func(expression string) string {
		var out string
		if err := chromedp.Run(ctx, chromedp.Evaluate("String("+expression+")", &out)); err != nil {
			t.Fatal(expression, err)
		}
		return out
	}
	do := func(actions ...chromedp.Action) {
		t.Helper()
		if err := chromedp.Run(ctx, actions...); err != nil {
			t.Fatal(err, said())
		}
	}
	same := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", what, got, want)
		}
	}
	const models = `[...document.querySelectorAll('#table-ring tbody tr')].filter((r) => !r.hidden).map((r) => r.cells[0].textContent).join()`
	const before = "cgan,cyclegan,gan-mm,gan-ns,vae,wgan,real data (floor)"
	do(log.Enable(), chromedp.EmulateViewport(1200, 900), chromedp.Navigate(page), there(".filter"))
	same("as it comes", get(models), before)

	head := `#table-ring th:nth-child(2) button` // FD: by the fixture's factors wgan is best, gan-mm worst
	do(focus(head), chromedp.KeyEvent(kb.Enter))
	up := strings.Split(get(models), ",")
	same("sorted", up[0]+" "+up[5]+" "+up[6]+" "+get(`document.querySelector('#table-ring th:nth-child(2)').ariaSort`), "wgan gan-mm real data (floor) ascending")
	do(press(head))
	down := strings.Split(get(models), ",")
	same("sorted the other way", down[0]+" "+down[5]+" "+down[6], "gan-mm wgan real data (floor)")
	do(press(head))
	same("as it came", get(models), before)

	do(focus(".filter input"), chromedp.KeyEvent("gan-, VAE"), focus(".filter select"), chromedp.KeyEvent("ring"))
	same("filtered", get(models), "gan-mm,gan-ns,vae,real data (floor)")
	same("other sets", get(`[...document.querySelectorAll('.answers li[data-d]')].filter((e) => !e.hidden).map((e) => e.dataset.d).join()`), "ring")
	same("figures of others", get(`[...document.querySelectorAll('figure[data-m]')].filter((e) => !e.hidden && !/^(gan-|vae)/.test(e.dataset.m)).length`), "0")
	same("address", get(`location.hash`), "#models=gan-%2Cvae&set=ring")
	same("said", get(`document.querySelector('.unfilter').textContent`), "Filter: gan-, vae on ring ×")
	do(chromedp.Evaluate(`document.querySelector('nav a[href="#results"]').click()`, nil), chromedp.Poll(`location.hash === '#results&models=gan-%2Cvae&set=ring'`, nil))
	do(chromedp.Navigate("about:blank"), chromedp.Navigate(page+"#results&models=wgan"), there(".unfilter"))
	same("another reader's", get(models), "wgan,real data (floor)")
	do(press(".unfilter"))
	same("filter removed", get(models)+" "+get(`location.hash`), before+" #results")

	cell := `#table-ring tbody tr:nth-child(1) td:nth-child(2)`
	do(press(cell))
	same("tapped", get(`document.querySelector('.foot').textContent.startsWith('cgan, FD: median of 6 runs; mean ')`), "true")
	do(chromedp.Evaluate(`document.querySelector('#table-ring').closest('.scroll').focus()`, nil), chromedp.KeyEvent(kb.ArrowDown))
	same("with a key", get(`document.querySelector('.foot').textContent.startsWith('cyclegan, FD: median of 6 runs; mean ')`), "true")
	do(chromedp.KeyEvent(kb.Escape))
	same("put away", get(`document.querySelector('.foot').hidden`), "true")
	for _, s := range said() {
		t.Error(s)
	}
}

// The switch of a data set shows all of its columns and works without scripts; a table that goes on beyond its edge says so until its end.
func TestColumnSwitch(t *testing.T) {
	ctx := browsertest.Open(t)
	page := reportPage(t, manyRuns(t, 3, 1, 2), Options{})
	var first, all, sign, end, none string
	const shown = `String([...document.querySelectorAll('#table-set-0 thead th')].filter((h) => h.getClientRects().length).length)`
	const marked = `String(document.querySelector('#table-set-0').closest('.frame').classList.contains('more'))`
	err := chromedp.Run(ctx, chromedp.EmulateViewport(700, 900), chromedp.Navigate(page), there(".filter"),
		chromedp.Evaluate(shown, &first), press(".six .all input"), chromedp.Evaluate(shown, &all),
		chromedp.Poll(marked+` === 'true'`, nil), chromedp.Evaluate(marked, &sign),
		chromedp.Evaluate(`document.querySelector('#table-set-0').closest('.scroll').scrollLeft = 1e6`, nil), chromedp.Poll(marked+` === 'false'`, nil), chromedp.Evaluate(marked, &end),
		chromedp.Navigate(reportPage(t, manyRuns(t, 3, 1, 2), Options{Bare: true})), press(".six .all input"), chromedp.Evaluate(shown, &none))
	if err != nil {
		t.Fatal(err)
	}
	if first != "7" || all != "9" || sign != "true" || end != "false" || none != "9" {
		t.Errorf("%s columns, then %s; goes on: %s, at the end: %s; without scripts %s", first, all, sign, end, none)
	}
}
