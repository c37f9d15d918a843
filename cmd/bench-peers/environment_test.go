package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// stubPython stands for python3: "-m venv DIR" copies itself there, "-m pip" writes down what it is asked for. It refuses packages by REFUSE, and everything
// where OFFLINE is set.
const stubPython = `#!/bin/sh
shift # -m
if [ "$1" = venv ]; then
	mkdir -p "$2/bin" && cp "$0" "$2/bin/python"
	exit
fi
echo "$*" >> "$STUB_LOG"
[ -z "${OFFLINE:-}" ] || exit 1
[ -z "${REFUSE:-}" ] && exit 0
case "$*" in *"-r "*) grep -q "$REFUSE" "${*##*-r }" && exit 1;; *"$REFUSE"*) exit 1;; esac
exit 0
`

// makeEnvironment runs environment.sh with the stub and returns its folder, what pip was asked for and what was said.
func makeEnvironment(t *testing.T, dir string, env ...string) (asked, said string) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh")
	}
	stub, log := t.TempDir(), filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(filepath.Join(stub, "python3"), []byte(stubPython), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "python/environment.sh", dir)
	cmd.Env = append(os.Environ(), "PATH="+stub+":"+os.Getenv("PATH"), "STUB_LOG="+log)
	cmd.Env = append(cmd.Env, env...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	b, err := os.ReadFile(log)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(b), errs.String()
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func TestEnvironment(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "env")
	asked, _ := makeEnvironment(t, dir)
	if !strings.Contains(asked, "install -q -r python/requirements.txt") || !exists(filepath.Join(dir, "bin/python")) {
		t.Errorf("pip was asked for %q", asked)
	}
	if asked, said := makeEnvironment(t, dir); asked != "" || said != "" {
		t.Errorf("a second run asked for %q and said %q", asked, said)
	}
	if err := os.WriteFile(filepath.Join(dir, "requirements.txt"), []byte("numpy==1.0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if asked, _ := makeEnvironment(t, dir); !strings.Contains(asked, "install") {
		t.Error("an environment of another list was left as it is")
	}
}

// Without packages nothing is left that would be taken for an environment later.
func TestEnvironmentOffline(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "env")
	_, said := makeEnvironment(t, dir, "OFFLINE=1")
	if exists(dir) || !strings.Contains(said, "pip does not reach packages") {
		t.Errorf("left %s (%v), said %q", dir, exists(dir), said)
	}
}

// One package that cannot be had costs its own rows alone.
func TestEnvironmentWithoutOne(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "env")
	asked, said := makeEnvironment(t, dir, "REFUSE=openvino")
	if !strings.Contains(said, "openvino==") || !strings.Contains(said, "is left out") || strings.Count(said, "left out") != 1 {
		t.Errorf("said %q", said)
	}
	for _, name := range []string{"torch==", "onnxruntime==", "prdc=="} {
		if !strings.Contains(asked, "install -q "+name) {
			t.Errorf("%s was not asked for alone: %q", name, asked)
		}
	}
}

// Every requirement names one version: a record of today can be measured again.
func TestRequirementsArePinned(t *testing.T) {
	b, err := os.ReadFile("python/requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	pin := regexp.MustCompile(`^[a-z0-9-]+==[0-9.]+(; .*)?$`)
	n := 0
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			continue
		}
		if n++; !pin.MatchString(line) {
			t.Errorf("%q names no version", line)
		}
	}
	if n < 10 {
		t.Errorf("only %d requirements", n)
	}
}
