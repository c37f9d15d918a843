package command

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
)

// TestMain makes the test binary the program itself when it is started by command: so tests can kill a real process.
func TestMain(m *testing.M) {
	if os.Getenv("ASSAY_TEST_RUN") == "1" {
		os.Exit(Run(context.Background(), os.Stdout, os.Stderr, os.Args[1:]))
	}
	if reader := os.Getenv("ASSAY_LAB"); reader != "" {
		os.Exit(labChild(reader))
	}
	if how := os.Getenv("ASSAY_TEST_ENCODER"); how != "" && len(os.Args) == 1 { // a featurizer's program
		if err := encoder(how); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	cache, err := os.MkdirTemp("", "assay-test-cache")
	if err == nil {
		err = os.Setenv("ASSAY_CACHE", cache) // no test may fill, or live off, the user's
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(cache)
	os.Exit(code)
}

// command is the program as a process of its own, in a folder of its own.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "ASSAY_TEST_RUN=1")
	return c
}

// result is what one command printed and how it ended.
type result struct {
	code     int
	out, err string
}

// assay runs a command in this process.
func assay(args ...string) result {
	var out, err bytes.Buffer
	code := Run(context.Background(), &out, &err, args)
	return result{code, out.String(), err.String()}
}

// here is the package's folder, which tests leave.
var here, _ = os.Getwd()

// golden compares with testdata/NAME; UPDATE_GOLDEN=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join(here, "testdata", name)
	if testutil.UpdateGolden() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; UPDATE_GOLDEN=1 writes it", err)
	}
	if got != string(want) {
		t.Errorf("%s differs (UPDATE_GOLDEN=1 rewrites it):\n--- got\n%s\n--- want\n%s", name, got, want)
	}
}
