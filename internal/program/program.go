// Package program runs programs of the user's: whatever is written as exec:PROGRAM ARGUMENTS. It is the one place that does. A program gets pipes as its
// standard streams and no other descriptor, may not be silent for ever, and what it says on its standard error is bounded.
//
// Who may have a program run is decided by the caller: a command line typed by the user may, a file from somebody else may not unless the user allows it.
package program

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/assay-gan/assay/internal/inputfile"
)

// Prefix marks a command line where a name could stand. A version may stand in it: exec@VERSION:PROGRAM ARGUMENTS.
const Prefix = "exec:"

var form = regexp.MustCompile(`^exec(?:@([A-Za-z0-9._-]+))?:(.*)$`)

// Cut parts what is written as exec:PROGRAM ARGUMENTS, or with a version, into the command line and the version, which is "" where none is stated.
func Cut(spec string) (command, version string, ok bool) {
	m := form.FindStringSubmatch(spec)
	if m == nil {
		return "", "", false
	}
	return m[2], m[1], true
}

// SilenceVar is the environment variable for how long a program may be silent, such as 30m.
const SilenceVar = "ASSAY_EXEC_SILENCE"

// defaultSilence is enough for a framework to start and load its weights from a slow disk.
const defaultSilence = 10 * time.Minute

// afterKill is how long a killed program's descendants may hold its pipes open.
const afterKill = 2 * time.Second

// Program is a command line whose program is there. Nothing has run.
type Program struct {
	Args []string
	Hash string // of the command line and of every file named in it; 64 hexadecimal digits
}

// Find splits a command line at blanks and looks its program up.
func Find(command string) (*Program, error) {
	argv := strings.Fields(command)
	if len(argv) == 0 {
		return nil, errors.New("no command: write " + Prefix + "PROGRAM ARGUMENTS")
	}
	file, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	for i, a := range argv {
		fmt.Fprintf(h, "%d %s\n", len(a), a)
		if i == 0 {
			a = file
		}
		if err := hashFile(h, a); err != nil {
			return nil, fmt.Errorf("%s: %w", a, err)
		}
	}
	return &Program{argv, hex.EncodeToString(h.Sum(nil))}, nil
}

// hashFile adds a regular file's bytes to h; an argument that is none adds none.
func hashFile(h io.Writer, path string) error {
	f, _, err := inputfile.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	_, err = io.Copy(h, f)
	return err
}

// Run starts the program, writes to its standard input while it reads from its standard output, and waits for its end. Its standard input is closed when
// write returns. The error holds the command line and the program's last words.
func (p *Program) Run(ctx context.Context, write func(io.Writer) error, read func(*bufio.Reader) error) error {
	err := p.run(ctx, write, read)
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(p.Args, " "), err)
	}
	return nil
}

func (p *Program) run(ctx context.Context, write func(io.Writer) error, read func(*bufio.Reader) error) error {
	limit, err := silence()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alive := time.AfterFunc(limit, func() {
		cancel(fmt.Errorf("silent for %v: killed; %s=1h waits longer", limit, SilenceVar))
	})
	defer alive.Stop()
	sign := func() { alive.Reset(limit) }

	cmd := exec.CommandContext(ctx, p.Args[0], p.Args[1:]...)
	cmd.WaitDelay = afterKill
	alone(cmd)
	last := &tail{}
	cmd.Stderr = writer{last, sign}
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	closeInherited()
	if err = cmd.Start(); err != nil {
		return err
	}
	fed := make(chan error, 1)
	go func() { fed <- feed(in, write, sign) }() // beside the reading, or two full pipes wait for each other
	err = guarded(func() error { return read(bufio.NewReaderSize(reader{out, sign}, 1<<16)) })
	if err != nil {
		cancel(nil) // the program may hang in its next write
	}
	feeding, waiting := <-fed, cmd.Wait()
	if why := context.Cause(ctx); why != nil && !errors.Is(why, context.Canceled) {
		err = why // what was read is a consequence
	}
	for _, e := range []error{waiting, feeding} {
		if err == nil {
			err = e
		}
	}
	if err != nil {
		return fmt.Errorf("%w%s", err, last.text())
	}
	return nil
}

// silence is how long a program may be silent.
func silence() (time.Duration, error) {
	text := os.Getenv(SilenceVar)
	if text == "" {
		return defaultSilence, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%s=%s: want a time such as 30m or 2h", SilenceVar, text)
	}
	return d, nil
}

func feed(in io.WriteCloser, write func(io.Writer) error, sign func()) error {
	defer in.Close()
	return guarded(func() error {
		b := bufio.NewWriterSize(writer{in, sign}, 1<<16)
		if err := write(b); err != nil {
			return err
		}
		return b.Flush()
	})
}

// guarded turns a panic of f into an error: f may run in a goroutine that nobody else guards.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// writer and reader give a sign of life with what passes.
type writer struct {
	to   io.Writer
	sign func()
}

func (w writer) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	w.sign()
	return n, err
}

type reader struct {
	from io.Reader
	sign func()
}

func (r reader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.sign()
	return n, err
}

// tailSize is how many bytes of a program's standard error are kept, the last ones.
const tailSize = 1000

// tail keeps the end of what a program wrote to its standard error.
type tail struct{ b bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	t.b.Write(p[max(0, len(p)-tailSize):])
	if extra := t.b.Len() - tailSize; extra > 0 {
		t.b.Next(extra)
	}
	return len(p), nil
}

// text is the last line, for a message of one line.
func (t *tail) text() string {
	lines := strings.Split(strings.TrimSpace(t.b.String()), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + last
	}
	return ""
}
