//go:build unix

package program

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// script is a program of the given text.
func script(t *testing.T, text string) *Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.sh")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := Find(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// talk gives a program an input and returns its output.
func talk(ctx context.Context, p *Program, input string) (string, error) {
	var out []byte
	err := p.Run(ctx, func(w io.Writer) error { _, err := io.WriteString(w, input); return err },
		func(r *bufio.Reader) (err error) { out, err = io.ReadAll(r); return err })
	return string(out), err
}

func TestRun(t *testing.T) {
	long := strings.Repeat("0123456789", 100_000) // more than both pipes hold
	if out, err := talk(t.Context(), script(t, "exec cat"), long); out != long || err != nil {
		t.Errorf("%d of %d bytes come back, %v", len(out), len(long), err)
	}
	_, err := talk(t.Context(), script(t, "cat >/dev/null; echo first >&2; echo last >&2; exit 3"), "x")
	if err == nil || !strings.Contains(err.Error(), "exit status 3: last") || strings.Contains(err.Error(), "first") {
		t.Error(err)
	}
	_, err = talk(t.Context(), script(t, "cat >/dev/null; head -c 3000000 /dev/zero | tr '\\0' e >&2; exit 1"), "")
	if err == nil || len(err.Error()) > tailSize+200 {
		t.Errorf("3 MB on standard error make a message of %d bytes", len(err.Error()))
	}
	err = script(t, "exec cat").Run(t.Context(), func(io.Writer) error { panic("writing") }, func(r *bufio.Reader) error { _, failed := io.Copy(io.Discard, r); return failed })
	if err == nil || !strings.Contains(err.Error(), "panic: writing") {
		t.Error(err)
	}
}

// A program that says nothing is killed with everything it started.
func TestSilence(t *testing.T) {
	t.Setenv(SilenceVar, "300ms")
	mark := filepath.Join(t.TempDir(), "mark")
	begin := time.Now()
	_, err := talk(t.Context(), script(t, "(sleep 1.5; echo late >"+mark+") &\nsleep 600"), "")
	if err == nil || !strings.Contains(err.Error(), "silent for 300ms") || !strings.Contains(err.Error(), SilenceVar) {
		t.Error(err)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	time.Sleep(max(0, 2500*time.Millisecond-time.Since(begin)))
	if _, err := os.Stat(mark); err == nil {
		t.Error("what the program started lives on")
	}
	t.Setenv(SilenceVar, "2s") // words are a sign of life
	if out, err := talk(t.Context(), script(t, "for i in 1 2 3 4 5 6 7 8; do sleep 0.4; echo $i >&2; done; echo done"), ""); out != "done\n" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
	t.Setenv(SilenceVar, "soon")
	if _, err := talk(t.Context(), script(t, "exec cat"), ""); err == nil || !strings.Contains(err.Error(), "soon") {
		t.Error(err)
	}
}

// A descriptor that this process inherited, as a shell's 9>secret, does not reach the program.
func TestNoDescriptors(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := syscall.Dup(int(f.Fd())) // without close-on-exec, as what is inherited
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	look := script(t, fmt.Sprintf("cat >/dev/null; if [ -e /dev/fd/%d ]; then echo open; else echo closed; fi; [ -e /dev/fd/0 ] && echo works", fd))
	if out, err := talk(t.Context(), look, ""); out != "closed\nworks\n" || err != nil {
		t.Errorf("descriptor %d: %q, %v", fd, out, err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := talk(ctx, script(t, "sleep 600"), ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestFind(t *testing.T) {
	for _, command := range []string{"", "  ", "no-such-program-here"} {
		if _, err := Find(command); err == nil {
			t.Errorf("%q is accepted", command)
		}
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := Find("cat " + pipe); err != nil { // and it is not waited for
		t.Error(err)
	}
}
