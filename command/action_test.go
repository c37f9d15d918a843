package command

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// action is what the test needs of action.yml.
type action struct {
	Inputs map[string]struct {
		Description string
		Default     string
		Required    bool
	}
	Outputs map[string]struct{ Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	Name, ID, If, Uses, Shell, Run string
	Env, With                      map[string]string
}

func readAction(t *testing.T) action {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(here, "..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// job plays the runner: it carries out the steps' scripts in bash with a GITHUB_* environment of its own, beside a fake gh and a repository with a bare origin.
type job struct {
	t      *testing.T
	action action
	values map[string]string // what expressions know: inputs.NAME, github.NAME, steps.ID.outputs.NAME
	dir    string            // the checkout
	temp   string
	env    []string
	log    string
}

func newJob(t *testing.T, event string, inputs map[string]string) *job {
	t.Helper()
	for _, program := range []string{"bash", "git", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here", program)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	j := &job{t: t, action: readAction(t), dir: filepath.Join(root, "checkout"), temp: filepath.Join(root, "temp"), values: map[string]string{
		"github.event_name": event, "github.repository": "octo/gan", "github.event.number": "7", "github.token": "t", "runner.os": "Linux", "runner.arch": "X64"}}
	for name, in := range j.action.Inputs {
		j.values["inputs."+name] = j.expand(in.Default)
	}
	for k, v := range inputs {
		if _, ok := j.action.Inputs[k]; !ok {
			t.Fatalf("the action has no input %q", k)
		}
		j.values["inputs."+k] = v
	}
	bin := filepath.Join(root, "bin")
	for _, d := range []string{j.dir, j.temp, bin} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(bin, "go"), "#!/bin/bash\n"+fakeGo)
	write(t, filepath.Join(bin, "gh"), "#!/bin/bash\n"+fakeGH)
	j.env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "ASSAY_TEST_RUN=1", "SELF="+self, "RUNNER_TEMP="+j.temp, "COMMENTS="+filepath.Join(root, "comments.json"), "HOME="+root,
		"GITHUB_PATH="+filepath.Join(root, "path"), "GITHUB_STEP_SUMMARY="+filepath.Join(root, "summary.md"), "GIT_CONFIG_NOSYSTEM=1", "ASSAY_CACHE="+filepath.Join(root, "cache"))
	write(t, filepath.Join(root, "comments.json"), "[]")
	j.git("init", "--quiet", "--bare", filepath.Join(root, "origin.git"))
	j.git("init", "--quiet", ".")
	j.git("remote", "add", "origin", filepath.Join(root, "origin.git"))
	j.git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "-m", "first")
	j.values["github.sha"] = strings.TrimSpace(j.git("rev-parse", "HEAD"))
	return j
}

// fakeGo stands for the tool chain: what it builds or installs is the test binary as assay.
const fakeGo = `
out="$GOBIN/assay"
while [ $# -gt 0 ]; do
  if [ "$1" = -o ]; then out="$2"; fi
  last="$1"
  shift
done
case "$last" in
  ./cmd/assay|github.com/assay-gan/assay/cmd/assay@*) ln -sf "$SELF" "$out" ;;
  *) echo "go: $last is no package of assay" >&2; exit 1 ;;
esac
`

// fakeGH keeps comments in a file and answers the three calls that the action makes, as GitHub's programme does; everything else is an error.
const fakeGH = `
set -euo pipefail
[ "$1" = api ] || exit 9
shift
method=GET path= body= filter=.
while [ $# -gt 0 ]; do
  case "$1" in
    -X) method="$2"; shift ;;
    -F) body="${2#body=@}"; shift ;;
    --jq) filter="$2"; shift ;;
    --paginate|--silent) ;;
    *) path="$1" ;;
  esac
  shift
done
[ "$GH_TOKEN" = t ] || { echo "HTTP 403" >&2; exit 1; }
case "$method $path" in
  "GET repos/octo/gan/issues/7/comments") jq -r "$filter" "$COMMENTS" ;;
  "POST repos/octo/gan/issues/7/comments") jq --rawfile b "$body" '. + [{id: (length + 40), body: $b}]' "$COMMENTS" > "$COMMENTS.new"; mv "$COMMENTS.new" "$COMMENTS" ;;
  "PATCH repos/octo/gan/issues/comments/"*) jq --rawfile b "$body" --argjson id "${path##*/}" 'map(if .id == $id then .body = $b else . end)' "$COMMENTS" > "$COMMENTS.new"; mv "$COMMENTS.new" "$COMMENTS" ;;
  *) echo "gh: $method $path" >&2; exit 1 ;;
esac
`

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func (j *job) git(args ...string) string {
	j.t.Helper()
	c := exec.Command("git", args...)
	c.Dir, c.Env = j.dir, j.env
	out, err := c.CombinedOutput()
	if err != nil {
		j.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (j *job) read(name string) string {
	b, err := os.ReadFile(filepath.Join(filepath.Dir(j.temp), name))
	if err != nil {
		j.t.Fatal(err)
	}
	return string(b)
}

var expression = regexp.MustCompile(`\$\{\{ *([a-zA-Z0-9_.-]+) *\}\}`)

// expand fills in the expressions of a text, which may only be names.
func (j *job) expand(text string) string {
	return expression.ReplaceAllStringFunc(text, func(e string) string {
		name := expression.FindStringSubmatch(e)[1]
		v, ok := j.values[name]
		if !ok {
			j.t.Fatalf("%s is not known when it is used", name)
		}
		return v
	})
}

var comparison = regexp.MustCompile(`^([a-zA-Z0-9_.-]+) (==|!=) '([^']*)'$`)

// wanted evaluates a step's condition: comparisons of names with words, joined by &&.
func (j *job) wanted(condition string) bool {
	if condition == "" {
		return true
	}
	for _, part := range strings.Split(condition, " && ") {
		m := comparison.FindStringSubmatch(part)
		if m == nil {
			j.t.Fatalf("condition %q", part)
		}
		v, ok := j.values[m[1]]
		if !ok {
			j.t.Fatalf("condition %q: %s is not known", part, m[1])
		}
		if (v == m[3]) != (m[2] == "==") {
			return false
		}
	}
	return true
}

// run carries out the steps until one fails, and returns its exit code and name.
func (j *job) run() (int, string) {
	for i, s := range j.action.Runs.Steps {
		if s.Run == "" || !j.wanted(s.If) {
			continue
		}
		output := filepath.Join(j.temp, fmt.Sprintf("output-%d", i))
		c := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run) // what a runner starts for shell: bash
		c.Dir, c.Env = j.dir, append(j.env, "GITHUB_OUTPUT="+output)
		for k, v := range s.Env {
			c.Env = append(c.Env, k+"="+j.expand(v))
		}
		out, err := c.CombinedOutput()
		j.log += string(out)
		if err != nil {
			return c.ProcessState.ExitCode(), s.Name
		}
		text, _ := os.ReadFile(output) // most steps have none
		for _, line := range strings.Split(string(text), "\n") {
			if k, v, ok := strings.Cut(line, "="); ok {
				j.values["steps."+s.ID+".outputs."+k] = v
			}
		}
	}
	return 0, ""
}

// scores makes a file of records of one model, whose fakes lie shift away from the real samples.
func scores(t *testing.T, file string, seeds int, shift float64) {
	t.Helper()
	features(t, "real.npy", 80, 2, 0, 1)
	for seed := 1; seed <= seeds; seed++ {
		features(t, "fake.npy", 80, 2, shift, uint64(100+seed))
		ok(t, fmt.Sprintf("score --real real.npy --fake fake.npy --floor=false --quiet --model mine --dataset toy --seed %d --append %s", seed, file))
	}
}

// The file is what GitHub takes: a composite action whose steps say their shell, and no expression in a script, where an input would become code.
func TestActionIsSound(t *testing.T) {
	a := readAction(t)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) < 6 {
		t.Fatalf("%+v", a.Runs)
	}
	known := map[string]bool{}
	for _, s := range a.Runs.Steps {
		if (s.Run == "") == (s.Uses == "") || s.Run != "" && s.Shell != "bash" {
			t.Errorf("step %q wants either uses, or run with shell: bash", s.Name)
		}
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %q has an expression in its script: an input could run commands", s.Name)
		}
		for k, v := range s.Env {
			for _, m := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(v+s.If, -1) {
				if known[m[1]] = true; a.Inputs[m[1]].Description == "" {
					t.Errorf("step %q, %s: no input %q", s.Name, k, m[1])
				}
			}
		}
	}
	for name := range a.Inputs {
		if !known[name] {
			t.Errorf("input %q is used by no script", name)
		}
	}
}

// A pull request with a planted regression: a red build, its reason in the summary, and one comment, which the next push edits in place.
func TestActionOnAPullRequest(t *testing.T) {
	if testing.Short() {
		t.Skip("plays a whole job")
	}
	j := newJob(t, "pull_request", map[string]string{"scores": "scores.jsonl", "baseline": "baseline.jsonl", "gate-args": "--margin 1"})
	t.Chdir(j.dir)
	scores(t, "base.jsonl", 8, .2)
	ok(t, "gate --write baseline.jsonl base.jsonl")
	scores(t, "scores.jsonl", 8, 2)
	if code, step := j.run(); code != 1 || step != "Verdict" {
		t.Fatalf("a regression ends with %d in step %q\n%s", code, step, j.log)
	}
	if !strings.Contains(j.log, "::error title=assay gate") || strings.Count(j.log, "\n::") > 2 {
		t.Errorf("annotations:\n%s", j.log)
	}
	if s := j.read("summary.md"); !strings.Contains(s, "> [!CAUTION]") || !strings.Contains(s, "mine on toy") {
		t.Errorf("summary:\n%s", s)
	}
	comments := j.read("comments.json")
	if strings.Count(comments, `"id"`) != 1 || !strings.Contains(comments, "**FAIL**") {
		t.Errorf("comments: %s", comments)
	}
	for _, f := range []string{"gate.json", "gate.xml", "codequality.json", "gate.md"} {
		if info, err := os.Stat(filepath.Join(j.values["steps.gate.outputs.folder"], f)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", f, err)
		}
	}
	if err := os.Remove("scores.jsonl"); err != nil {
		t.Fatal(err)
	}
	scores(t, "scores.jsonl", 8, .2) // mended
	if code, step := j.run(); code != 0 {
		t.Fatalf("mended: %d in %q\n%s", code, step, j.log)
	}
	comments = j.read("comments.json")
	if strings.Count(comments, `"id"`) != 1 || !strings.Contains(comments, "**PASS**") || strings.Contains(comments, "**FAIL**") {
		t.Errorf("the comment was not edited in place: %s", comments)
	}
	j.values["inputs.token"] = "of a fork"
	if code, step := j.run(); code != 0 || !strings.Contains(j.log, "no comment: the token may not") {
		t.Errorf("without the right to comment: %d in %q", code, step)
	}
}

// A push keeps its values in the history's branch, which the first one creates; two pushes are two runs, and the source tree stays out of it.
func TestActionKeepsAHistory(t *testing.T) {
	if testing.Short() {
		t.Skip("plays two whole jobs")
	}
	j := newJob(t, "push", map[string]string{"scores": "scores.jsonl", "baseline": "baseline.jsonl", "history-branch": "assay-history", "inconclusive": "fail", "gate-args": "--margin 1"})
	t.Chdir(j.dir)
	scores(t, "scores.jsonl", 8, .2)
	ok(t, "gate --write baseline.jsonl scores.jsonl")
	j.git("add", "baseline.jsonl")
	for push := range 2 {
		j.git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "-m", "push")
		j.values["github.sha"] = strings.TrimSpace(j.git("rev-parse", "HEAD"))
		if code, step := j.run(); code != 0 {
			t.Fatalf("push %d: %d in step %q\n%s", push, code, step, j.log)
		}
	}
	if files := strings.Fields(j.git("ls-tree", "--name-only", "origin/assay-history")); strings.Join(files, " ") != "history.html history.jsonl" {
		t.Errorf("the branch holds %v", files)
	}
	text := j.git("show", "origin/assay-history:history.jsonl")
	runs := map[string]bool{}
	for _, m := range regexp.MustCompile(`"run":"([0-9a-f]{12})"`).FindAllStringSubmatch(text, -1) {
		runs[m[1]] = true
	}
	if len(runs) != 2 || !strings.Contains(j.log, "history: 2 runs") {
		t.Errorf("%d runs in the history\n%s", len(runs), j.log)
	}
	if comments := j.read("comments.json"); comments != "[]" {
		t.Errorf("a push commented: %s", comments)
	}
}

// Wrong use is an error of its own and no regression.
func TestActionRefuses(t *testing.T) {
	if testing.Short() {
		t.Skip("plays jobs")
	}
	for name, c := range map[string]struct {
		inputs map[string]string
		step   string
	}{
		"neither":     {map[string]string{"baseline": "b"}, "Measure"},
		"both":        {map[string]string{"baseline": "b", "suite": "gate", "scores": "s"}, "Measure"},
		"no baseline": {map[string]string{"baseline": "nothere.jsonl", "scores": "scores.jsonl"}, "Gate"},
		"no suite":    {map[string]string{"baseline": "b", "suite": "gaet"}, "Measure"},
	} {
		j := newJob(t, "push", c.inputs)
		t.Chdir(j.dir)
		scores(t, "scores.jsonl", 2, .2)
		if code, step := j.run(); code != 2 || step != c.step {
			t.Errorf("%s: %d in step %q\n%s", name, code, step, j.log)
		}
	}
}

// uses are the steps in a workflow that use the action.
func uses(t *testing.T, text, name string) (found []map[string]string) {
	t.Helper()
	var workflow struct {
		Jobs map[string]struct{ Steps []actionStep }
	}
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for _, j := range workflow.Jobs {
		for _, s := range j.Steps {
			if s.Uses == "./" || strings.HasPrefix(s.Uses, "assay-gan/assay@") {
				found = append(found, s.With)
			}
		}
	}
	return found
}

var yamlBlock = regexp.MustCompile("(?m)^( *)```yaml\n((?:.*\n)*?) *```")

// This repository's own workflow, and the page's, use the action by inputs that it has.
func TestWorkflowsUseTheAction(t *testing.T) {
	a, found := readAction(t), 0
	own, err := os.ReadFile(filepath.Join(here, "..", ".github", "workflows", "ci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(here, "..", "docs", "CI.md"))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"ci.yml": string(own)}
	for i, m := range yamlBlock.FindAllStringSubmatch(string(page), -1) {
		texts[fmt.Sprintf("docs/CI.md, block %d", i+1)] = strings.ReplaceAll("\n"+m[2], "\n"+m[1], "\n")
	}
	for name, text := range texts {
		for _, with := range uses(t, text, name) {
			found++
			for input := range with {
				if _, ok := a.Inputs[input]; !ok {
					t.Errorf("%s: the action has no input %q", name, input)
				}
			}
			for input, in := range a.Inputs {
				if in.Required && with[input] == "" {
					t.Errorf("%s: the action needs %q", name, input)
				}
			}
		}
	}
	if found != 2 {
		t.Errorf("%d uses of the action, want ours and the page's", found)
	}
	for input := range a.Inputs {
		if input != "token" && !strings.Contains(string(page), "`"+input+"`") {
			t.Errorf("docs/CI.md does not tell of the input %q", input)
		}
	}
}

// The page's job for GitLab does what it says: its commands run, and the reports that it names are there.
func TestGitLabJob(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(here, "..", "docs", "CI.md"))
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]struct {
		Script    []string
		Artifacts struct {
			Paths   []string
			Reports map[string]string
		}
		AllowFailure struct {
			Codes []int `yaml:"exit_codes"`
		} `yaml:"allow_failure"`
	}
	for _, m := range yamlBlock.FindAllStringSubmatch(string(page), -1) {
		if strings.Contains(m[2], "assay-gate:") {
			if err := yaml.Unmarshal([]byte(m[2]), &file); err != nil {
				t.Fatal(err)
			}
		}
	}
	job, ok1 := file["assay-gate"]
	if !ok1 || len(job.AllowFailure.Codes) != 1 || job.AllowFailure.Codes[0] != exitInconclusive {
		t.Fatalf("%+v", file)
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("ci", 0o755); err != nil {
		t.Fatal(err)
	}
	scores(t, "scores.jsonl", 5, .2)
	ok(t, "gate --write ci/baseline.jsonl scores.jsonl")
	for _, line := range job.Script {
		if args, ok := strings.CutPrefix(line, "assay "); ok {
			if r := assay(strings.Fields(args)...); r.code != 0 && r.code != exitInconclusive {
				t.Errorf("%s: %d, %s", line, r.code, r.err)
			}
		}
	}
	for _, want := range append(job.Artifacts.Paths, job.Artifacts.Reports["junit"], job.Artifacts.Reports["codequality"]) {
		if info, err := os.Stat(want); err != nil || info.Size() == 0 {
			t.Errorf("artifact %q: %v", want, err)
		}
	}
}
