package command

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// Six commits, each with two scores of anyone's script, are a history on the terminal, as a page and as JSON.
func TestHistory(t *testing.T) {
	t.Chdir(t.TempDir())
	features(t, "real.npy", 60, 3, 0, 1)
	for commit := range 6 {
		for seed := 1; seed <= 2; seed++ {
			features(t, "fake.npy", 40, 3, .3, uint64(10*commit+seed))
			ok(t, fmt.Sprintf("score --real real.npy --fake fake.npy --floor=false --quiet --model mine --dataset toy --seed %d --append scores.jsonl --replace", seed))
		}
		ok(t, fmt.Sprintf("history add history.jsonl scores.jsonl --as c%d --date 2026-03-0%dT00:00:00Z", commit, commit+1))
	}
	if out := ok(t, "history history.jsonl"); !strings.Contains(out, "6 runs from 2026-03-01 to 2026-03-06") || !strings.Contains(out, "too short to tell") {
		t.Error(out)
	}
	var got struct {
		Series []struct {
			Row    string
			Points []struct {
				Run    string
				Values []float64
			}
		}
	}
	if err := json.Unmarshal([]byte(ok(t, "history history.jsonl --format json --metrics fd")), &got); err != nil || len(got.Series) != 1 || len(got.Series[0].Points) != 6 || len(got.Series[0].Points[5].Values) != 2 {
		t.Errorf("%v %+v", err, got)
	}
	ok(t, "history history.jsonl --format html --out h.html")
	if page, err := os.ReadFile("h.html"); err != nil || !strings.Contains(string(page), "mine: FD") || strings.Contains(string(page), "<script") {
		t.Errorf("%v", err)
	}
	for args, want := range map[string]string{
		"history":                                          "history takes a history",
		"history nothere.jsonl":                            "nothere.jsonl: no such file",
		"history history.jsonl --metrics fdi":              `no run has a metric "fdi"`,
		"history add history.jsonl scores.jsonl":           "needs the run's name by --as",
		"history add history.jsonl nothere --as x":         "no records at nothere",
		"history add h.jsonl scores.jsonl --as x --date 1": "want RFC 3339",
		"history add one":                                  "takes a history and a run",
	} {
		if r := assay(strings.Fields(args)...); r.code != exitUsage || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, want) {
			t.Errorf("%s: %d, %s", args, r.code, r.err)
		}
	}
}
