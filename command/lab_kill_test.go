//go:build linux

package command

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
)

// labKills are the calls at which a run is killed: what a crash of the machine can fall between.
var labKills = []struct{ name, calls string }{
	{"fsync", "fsync,fdatasync"},
	{"rename", "rename,renameat,renameat2"},
	{"write", "write,pwrite64"},
}

// TestSystemCallKiller kills a run by SIGKILL at its first, second, third ... call of each kind, goes on with it, and wants the records of a run that nobody
// disturbed, to the bit.
func TestSystemCallKiller(t *testing.T) {
	if !testutil.Long() {
		t.Skip("minutes: ASSAY_LONG=1")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("no strace here: apt-get install strace")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tiny.yaml"), []byte(tiny), 0o644); err != nil {
		t.Fatal(err)
	}
	bench := func(out string) []string { return []string{"bench", "./tiny.yaml", "--quiet", "--out", out} }
	if text, err := command(t, dir, bench("straight")...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	want := timeless(t, filepath.Join(dir, "straight"))
	counts := map[string]labCount{}
	for _, k := range labKills {
		var n labCount
		for nth, escaped := 1, 0; n.Tried < 24 && escaped < 3; nth++ {
			out := fmt.Sprintf("%s-%d", k.name, nth)
			if !killedAt(t, dir, k.calls, nth, bench(out)) {
				escaped++ // it made fewer calls of the kind
				continue
			}
			n.Tried++
			if text, err := command(t, dir, bench(out)...).CombinedOutput(); err != nil {
				t.Errorf("killed at %s %d: it does not go on: %v: %s", k.name, nth, err, text)
			} else if d := cmp.Diff(want, timeless(t, filepath.Join(dir, out))); d != "" {
				t.Errorf("killed at %s %d and gone on (-straight +killed):\n%s", k.name, nth, d)
			} else {
				n.Held++
			}
			if err := os.RemoveAll(filepath.Join(dir, out)); err != nil {
				t.Fatal(err)
			}
		}
		if n.Tried < 5 {
			t.Errorf("only %d kills at %s: the test tests little", n.Tried, k.name)
		}
		counts[k.name] = n
	}
	labRecord(t, func(r *labBook) { r.Kills = counts })
}

// killedAt runs the program and kills it at the nth of some calls that one of its threads makes; false if it came to its end.
func killedAt(t *testing.T, dir, calls string, nth int, args []string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	plain := command(t, dir, args...)
	c := exec.CommandContext(ctx, "strace", append([]string{"-f", "-qq", "-o", "/dev/null", "-e", "trace=" + calls, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", calls, nth), plain.Path}, args...)...)
	c.Dir, c.Env = plain.Dir, plain.Env
	text, err := c.CombinedOutput()
	if err == nil {
		return false
	}
	if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && (status.Signaled() && status.Signal() == syscall.SIGKILL || status.ExitStatus() == 128+int(syscall.SIGKILL)) && ctx.Err() == nil {
		return true
	}
	if strings.Contains(string(text), "PTRACE") || strings.Contains(string(text), "not permitted") {
		t.Skipf("strace may not trace here: %s", text)
	}
	t.Fatalf("at %s %d: %v: %s", calls, nth, err, text)
	return false
}
