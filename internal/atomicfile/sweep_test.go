package atomicfile

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain is also a process that begins to write and never ends, for the test below to kill.
func TestMain(m *testing.M) {
	if path := os.Getenv("ASSAY_TEST_WRITE"); path != "" {
		_ = Write(path, func(io.Writer) error {
			fmt.Println("writing")
			time.Sleep(time.Minute)
			return nil
		})
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// What a killed process leaves is swept; what a living one is writing is not.
func TestSweepAfterKill(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := exec.Command(self)
	c.Env = append(os.Environ(), "ASSAY_TEST_WRITE="+filepath.Join(dir, strings.Repeat("x", 200)))
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "writing\n" {
		t.Fatal(line, err)
	}
	if err := Sweep(dir); err != nil || len(names(t, dir)) != 1 {
		t.Errorf("while the process lives: %v, %v", names(t, dir), err)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // killed
	if len(names(t, dir)) != 1 {
		t.Fatal("the killed process left nothing: the test tests nothing")
	}
	if err := Sweep(dir, filepath.Join(dir, "absent")); err != nil || len(names(t, dir)) != 0 {
		t.Errorf("after its death: %v, %v", names(t, dir), err)
	}
}

func TestLitter(t *testing.T) {
	me := os.Getpid()
	for _, tt := range []struct {
		name string
		age  time.Duration
		want bool
	}{
		{fmt.Sprintf(".a.json.tmp-%s-%d-%s-77", machine, me, process), 99 * time.Hour, false}, // our own, however slow
		{fmt.Sprintf(".a.json.tmp-%s-%d-ABCDEFGH-77", machine, me), 0, true},                  // an earlier process of our number
		{fmt.Sprintf(".a.json.tmp-00000000-%d-ABCDEFGH-77", me), 0, false},                    // another machine's: only when it is old
		{fmt.Sprintf(".a.json.tmp-00000000-%d-ABCDEFGH-77", me), 2 * time.Hour, true},
		{fmt.Sprintf(".a.json.tmp-%s-1-ABCDEFGH-77", machine), 99 * time.Hour, false}, // process 1 always lives
		{".a.json.tmp-123456", 30 * time.Minute, false},                               // of an earlier version
		{".a.json.tmp-123456", 2 * time.Hour, true},
		{"a.json.tmp-123456", 99 * time.Hour, false}, // somebody's own file
		{".a.json.tmp-backup", 99 * time.Hour, false},
		{".a.json", 99 * time.Hour, false},
		{".tmp-1", 99 * time.Hour, false},
	} {
		if got := litter(tt.name, tt.age); got != tt.want {
			t.Errorf("%s, %v old: litter %v, want %v", tt.name, tt.age, got, tt.want)
		}
	}
}
