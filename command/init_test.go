package command

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/assay-gan/assay/runners"
)

// What init writes is planned and run as it stands.
func TestInitWritesASuiteThatRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	if r := assay("init"); r.code != 0 || !strings.Contains(r.out, "assay bench suite.yaml --plan") {
		t.Fatalf("%+v", r)
	}
	if r := assay("bench", "suite.yaml", "--plan", "--no-probe"); r.code != 0 || !strings.Contains(r.out, "my-suite") {
		t.Fatalf("%+v", r)
	}
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	r := assay("bench", "suite.yaml", "--out", "run", "--quiet")
	if r.code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, want := range []string{"gan-ns", "vae", "real data", "0 failed"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("the screen does not say %q:\n%s", want, r.out)
		}
	}
}

func TestInitRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("suite.yaml", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := assay("init"); r.code != exitUsage || !strings.Contains(r.err, "suite.yaml is there already") {
		t.Errorf("%+v", r)
	}
	if text, _ := os.ReadFile("suite.yaml"); string(text) != "mine" {
		t.Errorf("written over: %q", text)
	}
	if r := assay("init", "mine"); r.code != exitUsage || !strings.Contains(r.err, "give mine.yaml") {
		t.Errorf("%+v", r)
	}
	if r := assay("init", "no/such/folder/a.yaml"); r.code != exitUsage || strings.Count(r.err, "\n") != 1 {
		t.Errorf("%+v", r)
	}
	if r := assay("init", "-"); r.code != 0 || r.out != string(starter) {
		t.Errorf("%+v", r)
	}
}

// switchedOff is a part of the starter that is switched off: lines that begin with # and no blank after it.
var switchedOff = regexp.MustCompile(`(?m)(?:^ *#[^ \n-][^\n]*\n(?:#  [^\n]*\n)*)+|(?:^ *#-[^\n]*\n)`)

// Each part that is switched off is one that a suite can have: switched on, alone, the suite parses, and is planned where it asks for no file of one's own.
func TestEveryPartOfTheStarterCanBeSwitchedOn(t *testing.T) {
	t.Chdir(t.TempDir())
	parts := switchedOff.FindAllStringIndex(string(starter), -1)
	if len(parts) < 10 {
		t.Fatalf("only %d parts are switched off", len(parts))
	}
	for _, at := range parts {
		part := string(starter[at[0]:at[1]])
		on := regexp.MustCompile(`(?m)^( *)#`).ReplaceAllString(part, "$1")
		c, err := runners.ParseConfig("starter.yaml", []byte(string(starter[:at[0]])+on+string(starter[at[1]:])))
		if err != nil {
			t.Errorf("%v\n%s", err, on)
			continue
		}
		if strings.Contains(part, "{samples: \"") || strings.Contains(part, "{exec:") {
			continue
		}
		if _, err := runners.NewPlan(runners.DefaultKit(), c); err != nil {
			t.Errorf("%v\n%s", err, on)
		}
	}
}

// The starter names every key that the decoder knows, at every level.
func TestStarterNamesEveryKey(t *testing.T) {
	keys := 0
	for level, suite := range map[string]string{
		"suite": "zzz: 1", "defaults": "defaults: {zzz: 1}", "models": "models: [{zzz: 1}]", "datasets": "datasets: [{zzz: 1}]", "metrics": "metrics: [{zzz: 1}]",
		"monitor": "monitor: {zzz: 1}", "search": "search: [{zzz: 1}]", "select": "select: {zzz: 1}", "rerun": "rerun: {zzz: 1}", "stop": "stop: {zzz: 1}",
	} {
		_, bad := runners.ParseConfig("s.yaml", []byte(suite))
		if bad == nil {
			t.Fatalf("%s: zzz is a key", level)
		}
		_, have, ok := strings.Cut(bad.Error(), "have ")
		if !ok {
			t.Fatalf("%s: %v does not list the keys", level, bad)
		}
		for _, key := range strings.Split(have, ", ") {
			keys++
			if !regexp.MustCompile(`[\n#{ ]`+key+`: `).Match(starter) && !strings.Contains(string(starter), "\n"+key+":\n") && !strings.Contains(string(starter), "#"+key+":\n") {
				t.Errorf("the starter does not name the key %s of %s", key, level)
			}
		}
	}
	if keys < 60 {
		t.Errorf("only %d keys were looked for", keys)
	}
}

// A suite is shown as it was written, so that the output is a suite.
func TestListPrintsASuite(t *testing.T) {
	r := assay("list", "suites", "smoke")
	c, err := runners.OpenSuite("smoke")
	if err != nil || r.code != 0 || r.out != string(c.Text) {
		t.Errorf("%+v, %v", r, err)
	}
	if r := assay("list", "suites", "smoke", "--format", "json"); r.code != 0 || !strings.Contains(r.out, `"yaml": "name: smoke\n`) {
		t.Errorf("%+v", r)
	}
	if r := assay("list", "suites", "smok"); r.code != exitUsage || !strings.Contains(r.err, `did you mean "smoke"?`) {
		t.Errorf("%+v", r)
	}
}
