package command

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// line is a record of one value of model m on data set d, as any build might have written it.
func oneLine(seed int, value string, more string) string {
	return fmt.Sprintf(`{"cell":"c%d","model":"m","dataset":"d","seed":%d,"step":0,"featurizer":"none","n":100,"n_real":100,"metric":"fd","value":%s,"better":"lower","status":"ok"%s,"cost":{},"provenance":{}}`, seed, seed, value, more)
}

func manyLines(n int, value func(seed int) string, more string) string {
	var b strings.Builder
	for seed := 1; seed <= n; seed++ {
		b.WriteString(oneLine(seed, value(seed), more) + "\n")
	}
	return b.String()
}

// Records that are odd in every way that CI meets: each is handled, or refused in one line that says where and what to do; none passes unseen.
func TestOddRecords(t *testing.T) {
	t.Chdir(t.TempDir())
	normal := func(seed int) string { return fmt.Sprint(10 + .1*float64(seed*7%5)) }
	failed := func(n int) (text string) {
		for seed := 1; seed <= n; seed++ {
			text += fmt.Sprintf(`{"cell":"c%d","model":"m","dataset":"d","seed":%d,"step":0,"metric":"","value":0,"status":"failed","error":"loss is NaN","cost":{},"provenance":{}}`, seed, seed) + "\n"
		}
		return text
	}
	files := map[string]string{
		"base.jsonl":     manyLines(8, normal, ""),
		"future.jsonl":   manyLines(8, normal, `,"colour":"blue"`),
		"torn.jsonl":     manyLines(8, normal, "") + oneLine(9, "10", "")[:60],
		"middle.jsonl":   oneLine(1, "10", "") + "\n" + oneLine(2, "10", "")[:60] + "\n" + oneLine(3, "10", "") + "\n",
		"nan.jsonl":      oneLine(1, "NaN", "") + "\n",
		"null.jsonl":     manyLines(8, func(int) string { return "null" }, ""),
		"protocol.jsonl": manyLines(8, normal, `,"protocol":"clean-fid"`),
		"mixed.jsonl":    manyLines(4, normal, "") + strings.ReplaceAll(manyLines(8, normal, `,"protocol":"clean-fid"`), `"cell":"c`, `"cell":"p`),
		"failed.jsonl":   failed(8),
		"other.jsonl":    strings.ReplaceAll(manyLines(8, normal, ""), `"model":"m"`, `"model":"another"`),
		"one.jsonl":      manyLines(1, func(int) string { return "10.05" }, ""),
		"ties.jsonl":     manyLines(8, func(int) string { return "10" }, ""),
		"worse.jsonl":    manyLines(8, func(seed int) string { return fmt.Sprint(30 + .1*float64(seed)) }, ""),
		"empty.jsonl":    "",
		"crlf.jsonl":     strings.ReplaceAll(manyLines(8, normal, ""), "\n", "\r\n"),
	}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ok(t, "gate --write b.jsonl base.jsonl")
	ok(t, "gate --write ties-b.jsonl ties.jsonl")
	if err := os.WriteFile("crlf-b.jsonl", []byte(strings.ReplaceAll(mustRead(t, "b.jsonl"), "\n", "\r\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string // on stdout, or on stderr for code 2
	}{
		{"gate --baseline b.jsonl base.jsonl", 0, "identical"},
		{"gate --baseline b.jsonl crlf.jsonl", 0, "identical"},
		{"gate --baseline crlf-b.jsonl base.jsonl", 0, "identical"},
		{"gate --baseline b.jsonl torn.jsonl", 0, "identical"},
		{"gate --baseline b.jsonl worse.jsonl", 1, "FAIL"},
		{"gate --baseline b.jsonl failed.jsonl", 1, "FAIL"},
		{"gate --baseline b.jsonl other.jsonl", 3, "INCONCLUSIVE"},
		{"gate --baseline b.jsonl one.jsonl", 3, "INCONCLUSIVE"},
		{"gate --baseline ties-b.jsonl ties.jsonl", 0, "identical"},
		{"gate --baseline ties-b.jsonl worse.jsonl", 1, "FAIL"},
		{"gate --baseline b.jsonl future.jsonl", 2, "future.jsonl:1: "},
		{"gate --baseline b.jsonl middle.jsonl", 2, "middle.jsonl:2: not a record"},
		{"gate --baseline b.jsonl nan.jsonl", 2, "nan.jsonl:1: not a record"},
		{"gate --baseline b.jsonl null.jsonl", 2, "null.jsonl:1: "},
		{"gate --baseline b.jsonl protocol.jsonl", 2, `protocol`},
		{"gate --baseline nothere.jsonl base.jsonl", 2, "nothere.jsonl: no such file or directory; make one by assay gate --write"},
		{"gate --baseline base.jsonl base.jsonl", 2, "no baseline header"},
		{"gate --baseline b.jsonl b.jsonl", 2, "b.jsonl:1: "},
		{"gate --baseline b.jsonl empty.jsonl", 2, "holds no record yet"},
		{"compare base.jsonl base.jsonl", 0, "identical to the bit"},
		{"compare base.jsonl worse.jsonl", 0, "B worse on 1 of 1"},
		{"compare base.jsonl failed.jsonl", 0, "8/8 failed"},
		{"compare failed.jsonl failed.jsonl", 2, "every run of both sides failed"},
		{"compare base.jsonl protocol.jsonl", 2, "share no data set, model and measure"},
		{"compare base.jsonl mixed.jsonl", 0, "only B has FD on d (clean-fid, N 100): not compared"},
		{"gate --baseline b.jsonl mixed.jsonl", 3, "8 of 12 runs ended without this value"},
		{"compare one.jsonl one.jsonl", 0, "identical to the bit"},
		{"compare base.jsonl one.jsonl", 0, "can show nothing: run more seeds"},
		{"compare base.jsonl future.jsonl", 2, "future.jsonl:1: "},
		{"history base.jsonl torn.jsonl", 0, "cut short"},
		{"history base.jsonl mixed.jsonl", 0, "series"},
		{"history failed.jsonl", 2, "no run has a value with a better side"},
		{"history b.jsonl", 2, "is a baseline of gate"},
		{"history nan.jsonl", 2, "nan.jsonl:1: not a record"},
		{"report failed.jsonl", 0, "failed"},
	} {
		r := assay(strings.Fields(c.args)...)
		where := r.out
		if c.code == exitUsage {
			where = r.err
		}
		if r.code != c.code || !strings.Contains(strings.Join(strings.Fields(where), " "), c.want) || c.code == exitUsage && (strings.Count(r.err, "\n") != 1 || r.out != "") {
			t.Errorf("assay %s: code %d, want %d and %q\n%s%s", c.args, r.code, c.code, c.want, r.out, r.err)
		}
		if strings.HasPrefix(c.args, "report") {
			continue
		}
		for _, l := range strings.Split(r.out, "\n") {
			if utf8.RuneCountInString(l) > 80 {
				t.Errorf("assay %s: %d columns: %s", c.args, utf8.RuneCountInString(l), l)
			}
		}
	}
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
