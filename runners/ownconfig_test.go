package runners

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var oneYAML = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// docs/SUITES.md names every key, and what it shows can be read.
func TestSuitesPage(t *testing.T) {
	text, err := os.ReadFile("../docs/SUITES.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	keys := 0
	for level, suite := range map[string]string{
		"suite": "zzz: 1\n", "defaults": "defaults: {zzz: 1}\n", "defaults.images": "defaults: {images: {zzz: 1}}\n",
		"models": "models: [{zzz: 1}]\n", "datasets": "datasets: [{zzz: 1}]\n", "metrics": "metrics: [{zzz: 1}]\n",
		"monitor": "monitor: {zzz: 1}\n", "budget": "budget: {zzz: 1}\n", "select": "select: {zzz: 1}\n", "search": "search: {zzz: 1}\n", "sampler": "search: {sampler: {zzz: 1}}\n",
		"tpe": "search: {sampler: {tpe: {zzz: 1}}}\n", "an axis": "search: {space: {lr_g: {zzz: 1}}}\n", "rerun": "rerun: {zzz: 1}\n", "stop": "stop: {zzz: 1}\n", "claims": "claims: [{zzz: 1}]\n", "reference": "reference: [{zzz: 1}]\n",
	} {
		_, bad := ParseConfig("s.yaml", []byte(suite))
		if bad == nil {
			t.Fatalf("%s: zzz is a key", level)
		}
		_, have, ok := strings.Cut(bad.Error(), "have ")
		if !ok {
			t.Fatalf("%s: %v does not list the keys", level, bad)
		}
		for _, key := range strings.Split(have, ", ") {
			keys++
			if !strings.Contains(page, "`"+key+"`") && !strings.Contains(page, key+": {") && !strings.Contains(page, "{"+key+": ") && !strings.Contains(page, ", "+key+": ") {
				t.Errorf("the page does not name the key %s of %s", key, level)
			}
		}
	}
	if keys < 90 {
		t.Errorf("only %d keys were looked for", keys)
	}
	shown := oneYAML.FindAllStringSubmatch(page, -1)
	if len(shown) != 5 {
		t.Fatalf("%d suites are shown", len(shown))
	}
	c, err := ParseConfig("page.yaml", []byte(shown[0][1]))
	if err != nil || len(c.Models) != 2 || c.Models[1].Own == nil {
		t.Errorf("the first example: %+v, %v", c, err)
	}
	if c, err = ParseConfig("page.yaml", []byte(shown[1][1])); err != nil || len(c.Search) != 2 || c.Rerun.Seeds != 10 {
		t.Errorf("the study: %v", err)
	} else if _, err := NewPlan(DefaultKit(), c); err != nil {
		t.Errorf("the study: %v", err)
	}
	if c, err = ParseConfig("page.yaml", []byte(shown[2][1])); err != nil || len(c.Claims) != 2 {
		t.Errorf("the claims: %v", err)
	} else if _, err := NewPlan(DefaultKit(), c); err != nil {
		t.Errorf("the claims: %v", err)
	}
	if c, err = ParseConfig("page.yaml", []byte(shown[3][1])); err != nil || len(c.Published) != 2 {
		t.Errorf("the published figures: %v", err)
	} else if _, err := NewPlan(DefaultKit(), c); err != nil {
		t.Errorf("the published figures: %v", err)
	}
	if c, err = ParseConfig("page.yaml", []byte("name: a\ndatasets: [glyphs, ring]\n"+shown[4][1])); err != nil || len(c.Models) != 7 {
		t.Errorf("the second example: %v", err)
	}
}

// Every key of samples made elsewhere is read into its field.
func TestOwnKeysAreRead(t *testing.T) {
	c, err := ParseConfig("s.yaml", []byte("name: a\ndatasets: [ring]\nmodels:\n- {samples: \"x-{seed}.npy\", labels: \"y-{seed}.npy\", range: [0, 1], as: mine, seeds: [4], datasets: [ring]}\n- {exec: \"gen {out}\", version: 3, as: live}\n"))
	if err != nil {
		t.Fatal(err)
	}
	a, b := c.Models[0], c.Models[1]
	if a.Name != "mine" || a.Own.Samples != "x-{seed}.npy" || a.Own.Labels != "y-{seed}.npy" || a.Own.Range[1] != 1 || a.Seeds[0] != 4 || a.On[0].Name != "ring" {
		t.Errorf("read %+v of %+v", a, a.Own)
	}
	if b.Own.Exec != "gen {out}" || b.Own.Version != "3" {
		t.Errorf("read %+v", b.Own)
	}
}
