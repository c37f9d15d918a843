//go:build linux

package queue_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/runners/queue"
)

// fault is one of the table in docs/STUDIES.md: what is done to a study in progress, after which its records and models must be those of an undisturbed one.
type fault struct {
	Name string `json:"name"`
	What string `json:"what"`
	Held bool   `json:"held"`
}

// faultBook is where they are written down.
const faultBook = "../../docs/results/faults.json"

// faults runs what is done and writes down that it held, where that is asked for: ASSAY_LONG=1 UPDATE_GOLDEN=1.
func (f fault) test(t *testing.T, do func(t *testing.T)) {
	t.Helper()
	if !testutil.Long() {
		t.Skip("processes are killed under ASSAY_LONG=1")
	}
	do(t)
	if t.Failed() || t.Skipped() || !testutil.UpdateGolden() {
		return
	}
	f.Held = true
	var book []fault
	if b, err := os.ReadFile(faultBook); err == nil {
		if err := json.Unmarshal(b, &book); err != nil {
			t.Fatal(err)
		}
	}
	book = slices.DeleteFunc(book, func(g fault) bool { return g.Name == f.Name })
	book = append(book, f)
	slices.SortFunc(book, func(a, b fault) int { return strings.Compare(a.Name, b.Name) })
	b, err := json.MarshalIndent(book, "", " ")
	if err == nil {
		err = os.WriteFile(faultBook, append(b, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// scene is a study in a folder of its own.
type scene struct {
	t        *testing.T
	dir, run string
	port     string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "faults.yaml"), []byte(suite), 0o644); err != nil {
		t.Fatal(err)
	}
	return &scene{t, dir, filepath.Join(dir, "run"), port(t)}
}

// bench starts the coordinator; a server of its own where at is "".
func (s *scene) bench(at string, more ...string) *process {
	if at == "" {
		at = "127.0.0.1:" + s.port
	}
	return start(s.t, "assay", s.dir, append([]string{"bench", "./faults.yaml", "--out", s.run, "--queue", at, "--queue-lease", "1s", "--workers", "0", "--format", "json"}, more...)...)
}

func (s *scene) worker(at string, more ...string) *process {
	if at == "" {
		at = "nats://127.0.0.1:" + s.port
	}
	return start(s.t, "assay", s.dir, append([]string{"worker", "--queue", at, "--workers", "2", "--wait", "3m"}, more...)...)
}

func (s *scene) server(store string) *process {
	return start(s.t, "nats", s.dir, s.port, filepath.Join(s.dir, store))
}

// atWork waits until a worker is in the midst of a cell, with a checkpoint that had time to be sent.
func (s *scene) atWork(dir string) {
	s.t.Helper()
	eventually(s.t, "a checkpoint at the worker", func() bool {
		found, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*.safetensors"))
		return len(found) > 0
	})
	time.Sleep(time.Second)
}

func (s *scene) done(n int) {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("%d cells are finished", n), func() bool { return finished(s.run) >= n })
}

func TestFaultWorkerKilled(t *testing.T) {
	fault{Name: "worker", What: "kill -9 of a worker in the midst of two cells; another goes on from their checkpoints"}.test(t, func(t *testing.T) {
		s := newScene(t)
		b := s.bench("")
		own := filepath.Join(s.dir, "own")
		w := s.worker("", "--dir", own)
		s.atWork(own)
		w.kill()
		s.worker("").says(t, "goes on from where another machine left it", 1)
		b.ends(t)
		same(t, s.run)
	})
}

func TestFaultCoordinatorKilled(t *testing.T) {
	fault{Name: "coordinator", What: "kill -9 of bench, with the server inside; the worker stays and bench is started again"}.test(t, func(t *testing.T) {
		s := newScene(t)
		b := s.bench("")
		w := s.worker("")
		s.done(2)
		b.kill()
		time.Sleep(2 * time.Second) // the worker finishes what it is at, for nobody
		s.bench("").ends(t)
		w.ends(t)
		same(t, s.run)
	})
}

func TestFaultCoordinatorKilledBesideItsServer(t *testing.T) {
	fault{Name: "coordinator beside a server", What: "kill -9 of bench while a server of its own goes on; the worker finishes every cell, and the next bench takes the results"}.test(t, func(t *testing.T) {
		s := newScene(t)
		s.server("store")
		at := "nats://127.0.0.1:" + s.port
		b := s.bench(at)
		w := s.worker(at)
		s.done(1)
		b.kill()
		w.says(t, "handed over", 8)
		b = s.bench(at)
		b.ends(t)
		w.ends(t)
		same(t, s.run)
	})
}

func TestFaultServerKilled(t *testing.T) {
	fault{Name: "server", What: "kill -9 of the NATS server, which is started again with what its store still has"}.test(t, func(t *testing.T) {
		s := newScene(t)
		n := s.server("store")
		at := "nats://127.0.0.1:" + s.port
		b, w := s.bench(at), s.worker(at)
		s.done(1)
		n.kill()
		time.Sleep(time.Second)
		s.server("store")
		b.ends(t)
		w.ends(t)
		same(t, s.run)
	})
}

func TestFaultStoreDeleted(t *testing.T) {
	fault{Name: "store", What: "the queue's store is deleted under the running server of bench"}.test(t, func(t *testing.T) {
		s := newScene(t)
		b, w := s.bench(""), s.worker("")
		s.done(2)
		if err := os.RemoveAll(filepath.Join(s.run, "queue")); err != nil {
			t.Fatal(err)
		}
		b.says(t, "the queue's store is gone", 1)
		b.ends(t)
		w.ends(t)
		same(t, s.run)
	})
}

func TestFaultServerForgetsAll(t *testing.T) {
	fault{Name: "server and store", What: "kill -9 of the NATS server, which comes back with an empty store"}.test(t, func(t *testing.T) {
		s := newScene(t)
		n := s.server("store")
		at := "nats://127.0.0.1:" + s.port
		b, w := s.bench(at), s.worker(at)
		s.done(2)
		n.kill()
		s.server("another store")
		b.ends(t)
		w.ends(t)
		same(t, s.run)
	})
}

func TestFaultLeaderKilled(t *testing.T) {
	fault{Name: "leader of a cluster", What: "kill -9 of the leader of a cluster of three servers, which does not come back"}.test(t, func(t *testing.T) {
		s := newScene(t)
		ports, routes, nodes := []string{port(t), port(t), port(t)}, []string{port(t), port(t), port(t)}, map[string]*process{}
		var urls []string
		for i := range 3 {
			name := fmt.Sprintf("node%d", i)
			nodes[name] = start(t, "nats", s.dir, append([]string{ports[i], filepath.Join(s.dir, name), name, routes[i]}, routes...)...)
			urls = append(urls, "nats://127.0.0.1:"+ports[i])
		}
		at := strings.Join(urls, ",")
		js := client(t, at)
		eventually(t, "the cluster has a leader", func() bool { _, err := js.AccountInfo(t.Context()); return err == nil })
		b, w := s.bench(at), s.worker(at)
		s.done(2)
		info, err := js.Stream(t.Context(), "ASSAY_assay_CELLS")
		if err != nil {
			t.Fatal(err)
		}
		if r := info.CachedInfo().Config.Replicas; r != 3 {
			t.Errorf("%d servers keep the cells, want 3", r)
		}
		nodes[info.CachedInfo().Cluster.Leader].kill()
		b.ends(t)
		w.ends(t)
		same(t, s.run)
	})
}

func client(t *testing.T, at string) jetstream.JetStream {
	t.Helper()
	var nc *nats.Conn
	eventually(t, "the server answers", func() (ok bool) {
		c, err := nats.Connect(at, nats.MaxReconnects(-1))
		nc = c
		return err == nil
	})
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// tinyDisk is a file system of few kilobytes; grow gives it room.
func tinyDisk(t *testing.T, size string) (dir string, grow func()) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("cannot mount a small file system to fill: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir, func() {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
			t.Skipf("cannot enlarge it: %v", err)
		}
	}
}

func TestFaultDiskOfWorkerFull(t *testing.T) {
	fault{Name: "disk of a worker", What: "a worker whose disk is full stops with one line and gives its cells back; another takes them"}.test(t, func(t *testing.T) {
		s := newScene(t)
		disk, _ := tinyDisk(t, "16k")
		b := s.bench("")
		w := s.worker("", "--dir", filepath.Join(disk, "own"), "--quiet")
		<-w.done
		if text := w.said(); w.ProcessState.ExitCode() != 2 || strings.Count(text, "\n") != 1 || !strings.Contains(text, "no space left on device") {
			t.Errorf("status %d, %s", w.ProcessState.ExitCode(), text)
		}
		s.worker("")
		b.ends(t)
		same(t, s.run)
	})
}

func TestFaultDiskOfCoordinatorFull(t *testing.T) {
	fault{Name: "disk of bench", What: "bench stops with one line when its disk is full, and goes on when there is room"}.test(t, func(t *testing.T) {
		s := newScene(t)
		disk, grow := tinyDisk(t, "120k")
		s.run = filepath.Join(disk, "run")
		s.server("store")
		at := "nats://127.0.0.1:" + s.port
		b := s.bench(at, "--quiet")
		w := s.worker(at)
		<-b.done
		if text := b.said(); b.ProcessState.ExitCode() != 2 || strings.Count(text, "\n") != 1 || !strings.Contains(text, "no space left on device") {
			t.Errorf("status %d, %s", b.ProcessState.ExitCode(), text)
		}
		grow()
		s.bench(at).ends(t)
		w.ends(t)
		same(t, s.run)
	})
}

// wire is a network between two processes that can be cut, stalled and slowed.
type wire struct {
	net.Listener
	to string

	mu      sync.Mutex
	cut     bool
	stalled bool
	rate    time.Duration // sleep for each kilobyte
	conns   []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l, to: to}
	t.Cleanup(func() { l.Close(); w.set(true, false, 0) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", w.to)
			w.mu.Lock()
			cut := w.cut
			if err == nil {
				w.conns = append(w.conns, c, far)
			}
			w.mu.Unlock()
			if err != nil || cut {
				c.Close()
				continue
			}
			go w.pipe(c, far)
			go w.pipe(far, c)
		}
	}()
	return w
}

func (w *wire) pipe(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	b := make([]byte, 1024)
	for {
		n, err := from.Read(b)
		for {
			w.mu.Lock()
			stalled, rate := w.stalled, w.rate
			w.mu.Unlock()
			if !stalled {
				time.Sleep(rate)
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if _, werr := to.Write(b[:n]); err != nil || werr != nil {
			return
		}
	}
}

func (w *wire) set(cut, stalled bool, rate time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut, w.stalled, w.rate = cut, stalled, rate
	if cut {
		for _, c := range w.conns {
			c.Close()
		}
		w.conns = nil
	}
}

func TestFaultNetwork(t *testing.T) {
	fault{Name: "network", What: "the network between worker and server is silent for five leases, then cut, then slow (20 ms a kilobyte)"}.test(t, func(t *testing.T) {
		s := newScene(t)
		net := newWire(t, "127.0.0.1:"+s.port)
		b := s.bench("")
		w := s.worker("nats://" + net.Addr().String())
		s.done(1)
		net.set(false, true, 0)
		time.Sleep(5 * time.Second)
		net.set(false, false, 0)
		s.done(2)
		net.set(true, false, 0)
		time.Sleep(3 * time.Second)
		net.set(false, false, 20*time.Millisecond)
		b.ends(t)
		w.ends(t)
		same(t, s.run)
	})
}

// A worker sleeps through its lease in the midst of two cells, and brings the results when another one has brought them: they are the same, and dropped. A result
// that differs in one bit is told.
func TestFaultTwoWorkersOneCell(t *testing.T) {
	fault{Name: "two workers, one cell", What: "a worker is stopped (SIGSTOP) until another has finished its cells, then goes on and hands in the same results; a forged one that differs in a bit is reported"}.test(t, func(t *testing.T) {
		s := newScene(t)
		b := s.bench("")
		own := filepath.Join(s.dir, "own")
		a := s.worker("", "--dir", own)
		s.atWork(own)
		if err := a.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		keepOpen(t, s, b)
		other := s.worker("", "--workers", "1")
		other.says(t, "handed over", 2)
		forged(t, s, b)
		if err := a.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		a.says(t, "handed over", 1)
		b.ends(t)
		if n := strings.Count(b.said(), "gave other records the second time"); n != 1 {
			t.Errorf("%d results are said to differ, want the forged one alone", n)
		}
		same(t, s.run)
	})
}

// A clock that jumps an hour forward and two back, over and over: leases and waiting go by time that passes, so nothing is lost and nothing run in vain.
func TestFaultClockJumps(t *testing.T) {
	fault{Name: "clock", What: "the coordinator's clock jumps by an hour forward and two back at every reading"}.test(t, func(t *testing.T) {
		dir, at := filepath.Join(t.TempDir(), "run"), "127.0.0.1:"+port(t)
		o := queue.Options{Address: address(t, at), Lease: time.Second}
		var readings atomic.Int64
		o.SetClock(func() time.Time {
			jump := time.Hour
			if readings.Add(1)%2 == 0 {
				jump = -2 * time.Hour
			}
			return time.Now().Round(0).Add(jump) // without its monotonic reading
		})
		s := &scene{t: t, dir: t.TempDir(), run: dir}
		w := s.worker("nats://" + at)
		if _, err := bench(t, o, runners.Options{Dir: dir}); err != nil {
			t.Fatal(err)
		}
		w.ends(t)
		if readings.Load() == 0 {
			t.Error("nobody read the clock")
		}
		same(t, dir)
	})
}

// keepOpen makes sure that the study is still on.
func keepOpen(t *testing.T, s *scene, b *process) {
	t.Helper()
	select {
	case <-b.done:
		t.Fatal("the study ended too early: the test tests nothing")
	default:
	}
}

// forged hands in a result of a finished cell once more, with one bit changed.
func forged(t *testing.T, s *scene, b *process) {
	t.Helper()
	s.done(1)
	files, err := filepath.Glob(filepath.Join(s.run, "cells", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var res runners.Result
	if err := json.Unmarshal(text, &res); err != nil {
		t.Fatal(err)
	}
	res.Cell = strings.TrimSuffix(filepath.Base(files[0]), ".json")
	res.Kernel = res.Records[0].Provenance.Kernel
	res.Records[0].Value += 1e-12
	res.Records[0].Error += "."
	msg, err := json.Marshal(map[string]any{"worker": "liar", "result": res})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client(t, "nats://127.0.0.1:"+s.port).Publish(t.Context(), queue.ResultSubject("assay", res.Cell), msg); err != nil {
		t.Fatal(err)
	}
	b.says(t, "gave other records the second time", 1)
}

func TestFaultPreempted(t *testing.T) {
	fault{Name: "preemption", What: "SIGTERM to a worker in the midst of two cells, SIGKILL 10 s later; another goes on from their last checkpoints"}.test(t, func(t *testing.T) {
		s := newScene(t)
		b := s.bench("")
		own := filepath.Join(s.dir, "own")
		w := s.worker("", "--dir", own)
		s.atWork(own)
		if err := w.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		select {
		case <-w.done:
		case <-time.After(10 * time.Second):
			w.kill()
		}
		if text := w.said(); !strings.Contains(text, "interrupted: what was in progress is given back") || w.ProcessState.ExitCode() != 130 {
			t.Errorf("status %d, %s", w.ProcessState.ExitCode(), text)
		}
		s.worker("").says(t, "goes on from where another machine left it", 2)
		b.ends(t)
		same(t, s.run)
	})
}

// Two workers, one of which is killed every so often: what docs/STUDIES.md shows.
func TestFaultRandomKills(t *testing.T) {
	fault{Name: "random kills", What: "two workers, and kill -9 of one of them in turn every 2 s, ten times"}.test(t, func(t *testing.T) {
		s := newScene(t)
		b := s.bench("", "--workers", "0")
		w := []*process{s.worker("", "--workers", "1"), s.worker("", "--workers", "1")}
		for i := range 10 {
			select {
			case <-b.done:
			case <-time.After(2 * time.Second):
				w[i%2].kill()
				w[i%2] = s.worker("", "--workers", "1")
			}
		}
		b.ends(t)
		same(t, s.run)
	})
}

var _ io.Writer = (*process)(nil)
