package browsertest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// The rules that pages are held against: axe-core of this version, its program with this sum.
const (
	axeVersion = "4.14.1"
	axeSum     = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
)

// Axe returns the program of axe-core. It is the file that ASSAY_AXE names, or the one that an earlier test kept beside the other caches; where CI is true npm fetches it, if it is there.
// Otherwise the test is skipped: nothing is fetched that nobody asked for.
func Axe(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(cache, "assay", "axe-core-"+axeVersion+".min.js")
	if named := os.Getenv("ASSAY_AXE"); named != "" {
		kept = named
	}
	text, err := os.ReadFile(kept)
	if errors.Is(err, os.ErrNotExist) && os.Getenv("ASSAY_AXE") == "" {
		if _, none := exec.LookPath("npm"); none != nil || os.Getenv("CI") != "true" {
			t.Skipf("no axe-core: run once with CI=true where npm is, which fetches it, or npm pack axe-core@%s and name its axe.min.js in ASSAY_AXE", axeVersion)
		}
		if text, err = fetchAxe(t.Context(), t.TempDir()); err == nil {
			err = errors.Join(os.MkdirAll(filepath.Dir(kept), 0o755), os.WriteFile(kept, text, 0o644))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != axeSum {
		t.Fatalf("%s is not axe.min.js of axe-core %s", kept, axeVersion)
	}
	return string(text)
}

// fetchAxe has npm pack axe-core and takes its program out of the package.
func fetchAxe(ctx context.Context, dir string) ([]byte, error) {
	npm := exec.CommandContext(ctx, "npm", "pack", "-s", "axe-core@"+axeVersion)
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack axe-core: %w: %.300s", err, out)
	}
	unpack := exec.CommandContext(ctx, "tar", "-xzOf", filepath.Join(dir, "axe-core-"+axeVersion+".tgz"), "package/axe.min.js")
	text, err := unpack.Output()
	if err != nil {
		return nil, fmt.Errorf("axe.min.js in the package: %w", err)
	}
	return text, nil
}

// Barriers are what keeps somebody from the page that is open, by axe-core's rules: its serious and its critical findings, a line each, in light and in dark. Whatever
// is folded is opened before. It leaves the page in dark.
func Barriers(ctx context.Context, axe string) ([]string, error) {
	const look = `(async () => {
		for (const d of document.querySelectorAll('details')) d.open = true;
		for (const c of document.querySelectorAll('.all input')) c.checked = true;
		const found = await axe.run(document, { resultTypes: ['violations'], preload: false });
		return found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').flatMap((v) => v.nodes.slice(0, 5).map((n) =>
			v.impact + ' ' + v.id + ': ' + n.target.join(' ') + ': ' + (n.any.concat(n.all, n.none)[0] || {}).message + ' ' + n.html.slice(0, 160)));
	})()`
	var all []string
	for _, scheme := range []string{"light", "dark"} {
		var found []string
		err := chromedp.Run(ctx, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
			chromedp.Evaluate(axe+"; undefined", nil),
			chromedp.Evaluate(look, &found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", scheme, err)
		}
		for _, f := range found {
			all = append(all, scheme+": "+f)
		}
	}
	return all, nil
}
