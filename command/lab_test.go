//go:build linux

package command

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/assay-gan/assay/internal/testutil"
)

// The law of the laboratory. A file from outside is either read, or refused in one line that names it: exit code 1 or 2, nothing on stdout, no stack, nothing
// written; and neither takes more than this.
const (
	labPeak  = 512 << 20       // bytes of memory
	labCPU   = 2 * time.Second // of all cores together
	labLimit = 3 << 30         // bytes of data that a process apart may map before the system ends it
	labWait  = 20 * time.Second
)

// labResult is what became of one file.
type labResult struct {
	code     int
	out, err string
	peak     uint64
	cpu      time.Duration
	hung     bool
}

// labChild is a reader in a process of its own.
func labChild(name string) int {
	i := slices.IndexFunc(labReaders(), func(r labReader) bool { return r.name == name })
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: labLimit, Max: labLimit}); err != nil || i < 0 {
		fmt.Fprintln(os.Stderr, name, err)
		return 99
	}
	code := labReaders()[i].read(os.Args[1], os.Stdout, os.Stderr)
	// The kernel's count for the parent would hold the parent's own peak, from before the program was started.
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		err = os.WriteFile(os.Getenv("ASSAY_LAB_STATUS"), status, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 99
	}
	return code
}

// labApart reads a file in a process of its own, under limits of memory and time.
func labApart(t *testing.T, r labReader, path string) labResult {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), labWait)
	defer cancel()
	status := filepath.Join(t.TempDir(), "status")
	c := exec.CommandContext(ctx, self, path)
	c.Dir = filepath.Dir(path)
	c.Env = append(os.Environ(), "ASSAY_LAB="+r.name, "ASSAY_LAB_STATUS="+status)
	var out, stderr bytes.Buffer
	c.Stdout, c.Stderr = &out, &stderr
	err = c.Run()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	res := labResult{code: c.ProcessState.ExitCode(), out: out.String(), err: stderr.String(), hung: ctx.Err() != nil, cpu: c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
	text, _ := os.ReadFile(status) // a crash leaves none, and its code says so
	for line := range strings.Lines(string(text)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kb), "kB")), 10, 64)
			res.peak = n << 10
		}
	}
	return res
}

// labHere reads a file in this process. What is counted is all that was ever taken, which is at least the peak.
func labHere(r labReader, path string) labResult {
	var out, stderr bytes.Buffer
	var before, after runtime.MemStats
	var from, to syscall.Rusage
	runtime.ReadMemStats(&before)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &from)
	code := r.read(path, &out, &stderr)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &to)
	runtime.ReadMemStats(&after)
	cpu := time.Duration(to.Utime.Nano() + to.Stime.Nano() - from.Utime.Nano() - from.Stime.Nano())
	return labResult{code: code, out: out.String(), err: stderr.String(), peak: after.TotalAlloc - before.TotalAlloc, cpu: cpu}
}

// labNote is the line that tells of fake.npy, which lies beside the images and is none.
var labNote = regexp.MustCompile(`(?m)^assay: .* are no part of the set: .*fake\.npy\)\n`)

// breach says how a result breaks the law, "" if it does not.
func (r labReader) breach(c labCase, got, whole labResult, path string) string {
	name := filepath.Base(path)
	got.err = labNote.ReplaceAllString(got.err, "")
	switch {
	case got.hung:
		return "it hangs"
	case got.peak > labPeak:
		return fmt.Sprintf("it takes %d MB", got.peak>>20)
	case got.cpu > labCPU:
		return fmt.Sprintf("it takes %v of processor time", got.cpu)
	case strings.Contains(got.err, "goroutine ") || strings.Contains(got.err, "internal error"):
		return "it crashes"
	case got.code == exitOK && c.refused:
		return "it is accepted"
	case got.code == exitOK && got.out != whole.out && (!r.loose || !r.open && (c.kind == "cut" || c.kind == "more")):
		return "it is read as another file"
	case got.code == exitOK:
		return ""
	case got.code != 1 && got.code != 2:
		return fmt.Sprintf("exit code %d", got.code)
	case got.out != "":
		return "it is refused with something on stdout"
	case strings.Count(got.err, "\n") != 1 || !strings.HasPrefix(got.err, "assay: ") || len(got.err) > 1000:
		return "the error is not one line"
	case !strings.Contains(got.err, name) && !slices.ContainsFunc(r.says, func(s string) bool { return strings.Contains(got.err, s) }):
		return "the error does not name " + name
	}
	return ""
}

// labListing is what lies in a folder, with sizes.
func labListing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		size := int64(0)
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
		fmt.Fprintln(&b, p, size)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// labCount is a cell of the table.
type labCount struct {
	Tried int `json:"tried"`
	Held  int `json:"held"`
}

// labRow carries out all cases of a reader.
func labRow(t *testing.T, r labReader, full bool) map[string]labCount {
	dir := t.TempDir()
	t.Setenv("TMPDIR", t.TempDir())
	data := r.whole(t, dir)
	path := filepath.Join(dir, r.file)
	labSave(t, dir, r.file, data)
	whole := labHere(r, path)
	if (whole.code == exitOK) == r.needs || whole.code != exitOK && whole.code != exitUsage {
		t.Fatalf("the whole file: code %d, %s", whole.code, whole.err)
	}
	if again := labHere(r, path); again.out != whole.out {
		t.Fatalf("the whole file read twice:\n%s\n%s", whole.out, again.out)
	}
	row := map[string]labCount{}
	for _, c := range labCases(r, data, full) {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if c.put != nil {
			c.put(t, path)
		} else {
			labSave(t, dir, r.file, c.data(t))
		}
		before := labListing(t, dir)
		var got labResult
		if c.apart {
			got = labApart(t, r, path)
		} else {
			got = labHere(r, path)
		}
		wrong := r.breach(c, got, whole, path)
		if after := labListing(t, dir); wrong == "" && got.code != exitOK && after != before {
			wrong = "it is refused and something was written:\n" + before + "\nnow\n" + after
		}
		n := row[c.kind]
		n.Tried++
		if wrong == "" {
			n.Held++
		} else {
			t.Errorf("%s, %s: %s (code %d, %.400q)", c.kind, c.name, wrong, got.code, got.err)
		}
		row[c.kind] = n
	}
	return row
}

// TestLaboratory reads every hostile file by every reader under the law. By default it tries some places of each kind, under ASSAY_LONG=1 every one.
func TestLaboratory(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of files")
	}
	for _, r := range labReaders() {
		t.Run(r.name, func(t *testing.T) {
			row := labRow(t, r, testutil.Long())
			labRecord(t, func(b *labBook) { b.put(labReaderLine{r.name, row}) }) // a row at a time, so that pieces can be run
		})
	}
}
