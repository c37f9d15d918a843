package queue_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/assay-gan/assay/command"
	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/zoo"
)

// TestMain makes the test binary a process of assay, or a server of NATS, when it is started as one: so tests can kill real ones.
func TestMain(m *testing.M) {
	switch os.Getenv("ASSAY_QUEUE_CHILD") {
	case "assay":
		os.Exit(command.RunKit(context.Background(), os.Stdout, os.Stderr, os.Args[1:], testKit()))
	case "nats":
		natsNode(os.Args[1:])
	case "workers":
		simulate(os.Args[1:])
	}
	cache, err := os.MkdirTemp("", "assay-test-cache")
	if err == nil {
		err = os.Setenv("ASSAY_CACHE", cache)
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(cache)
	os.Exit(code)
}

// natsNode serves until it is killed: PORT STORE, and for a node of a cluster NAME ITS-PORT and the ports of all.
func natsNode(args []string) {
	port := func(s string) (n int) { fmt.Sscan(s, &n); return n }
	o := &server.Options{ServerName: "test", Host: "127.0.0.1", Port: port(args[0]), StoreDir: args[1], JetStream: true, NoSigs: true, NoLog: true, Authorization: os.Getenv("ASSAY_QUEUE_TOKEN")}
	if len(args) > 2 {
		o.ServerName = args[2]
		o.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: port(args[3])}
		for _, p := range args[4:] {
			o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: "127.0.0.1:" + p})
		}
	}
	s, err := server.NewServer(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s.Start()
	s.WaitForShutdown()
	os.Exit(0)
}

// slowGAN is a GAN of a few weights that sleeps in every step: its cells last, and cost a busy machine nothing.
type slowGAN struct{}

func (slowGAN) Info() zoo.Info {
	return zoo.Info{
		ID: "slow-gan", Title: "slow GAN", Paper: "goodfellow2014", Family: zoo.Adversarial, Kinds: []datasets.Kind{datasets.Points}, Objective: "any",
		Settings: []zoo.Setting{
			{Name: "steps", Default: "100", Lo: 1, Hi: 1e9, Integer: true, Doc: "training length"},
			{Name: "batch", Default: "8", Lo: 2, Hi: 65536, Integer: true, Doc: "samples per update"},
			{Name: "latent", Default: "2", Lo: 1, Hi: 4096, Integer: true, Doc: "width of the latent vector"},
			{Name: "pause", Default: "20", Lo: 0, Hi: 1e6, Integer: true, Doc: "milliseconds of sleep in a step"},
			{Name: "lr", Default: "1e-2", Lo: 0, Hi: 1e30, Doc: "learning rate"},
			{Name: "beta1", Default: "0.5", Lo: 0, Hi: 0.999, Doc: "Adam's decay of the mean"},
			{Name: "beta2", Default: "0.999", Lo: 0, Hi: 0.99999, Doc: "Adam's decay of the square"},
		},
	}
}

func (slowGAN) Build(b *zoo.Builder) error {
	gs, ds, x, z := b.Scope("g"), b.Scope("d"), b.Real(), b.Latent()
	g, d := nn.Dense(gs.Sub("out"), b.Settings.Int("latent"), b.Shape[0]), nn.Dense(ds.Sub("out"), b.Shape[0], 1)
	fake := g.Forward(z, nn.Train)
	pause := time.Duration(b.Settings.Int("pause")) * time.Millisecond
	for _, t := range []zoo.Turn{
		{Name: "d", Role: zoo.Critic, Loss: nn.Mean(nn.Add(nn.Softplus(nn.Neg(d.Forward(x, nn.Train))), nn.Softplus(d.Forward(fake, nn.Train)))), Train: ds.Params(), With: b.Adam("lr"),
			When: func(int) bool { time.Sleep(pause); return true }},
		{Name: "g", Role: zoo.Generator, Loss: nn.Mean(nn.Softplus(nn.Neg(d.Forward(fake, nn.Train)))), Train: gs.Params(), With: b.Adam("lr")},
	} {
		if err := b.Turn(t); err != nil {
			return err
		}
	}
	b.Samples(fake, gs.Params())
	return nil
}

func testKit() runners.Kit {
	kit := runners.DefaultKit()
	kit.Version = "test"
	kit.Models = append(kit.Models, slowGAN{})
	return kit
}

// suite is a suite of eight cells: slow ones, one whose loss becomes NaN, and quick ones.
const suite = `name: faults
samples: 100
seeds: [1, 2, 3]
datasets:
  - {name: ring, train: 400, test: 100, hold: 1}
models:
  - slow-gan
  - {name: slow-gan, as: breaks, settings: {lr: "1e20", steps: "20"}, seeds: [1]}
featurizers: [none]
metrics: [fd]
`

// undisturbed is the records of the suite when one process carries it out and nothing happens.
var undisturbed = sync.OnceValues(func() ([]string, error) {
	dir, err := os.MkdirTemp("", "assay-undisturbed")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	p, err := plan(suite)
	if err != nil {
		return nil, err
	}
	if _, err := runners.Run(context.Background(), testKit(), p, runners.Options{Dir: dir, Version: "test", Workers: 8}); err != nil {
		return nil, err
	}
	return timeless(dir)
})

func plan(text string) (*runners.Plan, error) {
	cfg, err := runners.ParseConfig("faults.yaml", []byte(text))
	if err != nil {
		return nil, err
	}
	return runners.NewPlan(testKit(), cfg)
}

// timeless are the records of a run without their costs, and the models as they ended.
func timeless(dir string) ([]string, error) {
	recs, torn, err := reports.ReadFile(filepath.Join(dir, reports.RecordsFile))
	if err != nil || torn != nil {
		return nil, fmt.Errorf("%w %v", err, torn)
	}
	var lines []string
	for _, r := range recs {
		r.Cost = r.Cost.Timeless()
		var b []byte
		if b, err = json.Marshal(r); err != nil {
			return nil, err
		}
		lines = append(lines, string(b))
	}
	models, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*.safetensors"))
	for _, path := range models {
		var b []byte
		if b, err = os.ReadFile(path); err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("%s %x", filepath.Base(path), sha256.Sum256(b)))
	}
	return lines, err
}

// same fails unless a run has the records and models of an undisturbed one.
func same(t *testing.T, dir string) {
	t.Helper()
	want, err := undisturbed()
	if err != nil {
		t.Fatal(err)
	}
	got, err := timeless(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the records differ from an undisturbed run's (-want +got):\n%s", cmp.Diff(want, got))
	}
	if len(want) < 12 {
		t.Errorf("only %d lines are compared", len(want))
	}
}

// process is a child: assay, or a server.
type process struct {
	*exec.Cmd
	name string
	mu   sync.Mutex
	text bytes.Buffer
	done chan struct{}
	err  error
}

// Write takes what the child prints.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// start starts a child in a folder; it does not outlive the test.
func start(t *testing.T, kind, dir string, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(self, args...), name: strings.Join(args[:1], ""), done: make(chan struct{})}
	p.Dir, p.Stdout, p.Stderr = dir, p, p
	p.Env = append(os.Environ(), "ASSAY_QUEUE_CHILD="+kind)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.err = p.Wait(); close(p.done) }()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s %v:\n%s", kind, args, p.said())
		}
	})
	return p
}

// kill ends it as kill -9 does.
func (p *process) kill() {
	_ = p.Process.Signal(syscall.SIGKILL)
	<-p.done
}

// ends waits for a process to end by itself, well.
func (p *process) ends(t *testing.T) {
	t.Helper()
	select {
	case <-p.done:
		if p.err != nil {
			t.Fatalf("%s: %v:\n%s", p.name, p.err, p.said())
		}
	case <-time.After(3 * time.Minute):
		t.Fatalf("%s does not end:\n%s", p.name, p.said())
	}
}

// says waits until a process has printed a text n times.
func (p *process) says(t *testing.T, text string, n int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s says %q", p.name, text), func() bool { return strings.Count(p.said(), text) >= n })
}

// eventually waits for something that must happen, however slow the machine is.
func eventually(t *testing.T, what string, happens func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !happens(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never happened: %s", what)
		}
	}
}

// port is one that is free.
func port(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}

// finished is how many cells of a run are.
func finished(dir string) int {
	files, _ := filepath.Glob(filepath.Join(dir, "cells", "*.json"))
	return len(files)
}
