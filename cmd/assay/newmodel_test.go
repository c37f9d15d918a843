package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/command"
	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/zoo"
	"github.com/assay-gan/assay/zoo/zootest"
)

// energyNet is a model that the zoo does not have, written against its exported names alone, as a new file would be: a generator without an opponent that descends
// the energy distance of a batch [szekely2013],
//
//	2 E |x - G(z)| - E |G(z) - G(z')|,   z' the neighbour of z in the batch
//
// A new model is this file, its test and its line in the catalog; here the line is an append to a kit of one's own.
type energyNet struct{}

func (energyNet) Info() zoo.Info {
	return zoo.Info{ID: "energy-net", Title: "Generator of least energy distance", Paper: "szekely2013", Objective: "2 E |x - G(z)| - E |G(z) - G(z')|", Family: zoo.Likelihood,
		Kinds: []datasets.Kind{datasets.Points}, Settings: []zoo.Setting{
			{Name: "steps", Default: "400", Lo: 1, Hi: 1e9, Integer: true, Doc: "training length"},
			{Name: "batch", Default: "128", Lo: 2, Hi: 65536, Integer: true, Doc: "samples per update"},
			{Name: "width", Default: "32", Lo: 1, Hi: 8192, Integer: true, Doc: "units of a hidden layer"},
			{Name: "depth", Default: "2", Lo: 1, Hi: 16, Integer: true, Doc: "hidden layers"},
			{Name: "lr", Default: "5e-3", Lo: 0, Hi: 10, Doc: "learning rate"},
		}}
}

func (energyNet) Build(b *zoo.Builder) error {
	s, x, z := b.Scope("g"), b.Real(), b.Normal("latent", 2)
	in, hidden := 2, b.Settings.Int("width")
	var layers []nn.Layer
	for i := range b.Settings.Int("depth") {
		layers = append(layers, nn.Dense(s.Sub(fmt.Sprintf("fc%d", i)), in, hidden), nn.LeakyReLU(0.2))
		in = hidden
	}
	g := nn.Seq(append(layers, nn.Dense(s.Sub("out"), in, b.Shape[0]))...).Forward(z, nn.Train)
	next := nn.Concat(0, nn.Slice(g, 0, 1, b.Batch), nn.Slice(g, 0, 0, 1))
	distance := func(p, q *nn.Node) *nn.Node {
		return nn.Mean(nn.Sqrt(nn.AddConst(nn.RowSum(nn.Square(nn.Sub(p, q))), 1e-6)))
	}
	loss := nn.Sub(nn.Scale(distance(x, g), 2), distance(g, next))
	err := b.Turn(zoo.Turn{Name: "energy", Role: zoo.Generator, Loss: loss, Train: s.Params(), With: nn.Adam{LR: b.Settings.Float("lr"), B1: 0.9, B2: 0.999, Eps: 1e-8}})
	if err != nil {
		return err
	}
	b.Samples(g, s.Params())
	return nil
}

func TestNewModelKeepsTheLaws(t *testing.T) { zootest.Laws(t, energyNet{}) }

// The whole way by the commands: listed, trained, drawn from, benched against another model, reported.
func TestNewModelByTheKit(t *testing.T) {
	kit := runners.DefaultKit()
	kit.Models = append(kit.Models, energyNet{})
	dir := t.TempDir()
	do := func(args ...string) string {
		t.Helper()
		var out, err bytes.Buffer
		if code := command.RunKit(context.Background(), &out, &err, args, kit); code != 0 {
			t.Fatalf("assay %s: exit %d: %s", strings.Join(args, " "), code, &err)
		}
		return out.String()
	}
	if !strings.Contains(do("list", "models"), "Generator of least energy distance") {
		t.Error("list models does not show it")
	}
	do("train", "energy-net", "--dataset", "ring", "--train-n", "500", "--test-n", "100", "--quiet", "--out", filepath.Join(dir, "energy-net"))
	do("sample", "--checkpoint", filepath.Join(dir, "energy-net", "model.safetensors"), "-n", "5", "--out", filepath.Join(dir, "five.npy"))

	suite := filepath.Join(dir, "own.yaml")
	text := "name: own\nsamples: 1000\nmodels: [energy-net, collapser]\ndatasets: [{name: ring, train: 2000, test: 1000, hold: 1}]\nfeaturizers: [none]\nmetrics: [fd]\n"
	if err := os.WriteFile(suite, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	page := do("bench", suite, "--quiet", "--out", filepath.Join(dir, "run"))
	if !strings.Contains(page, "energy-net") {
		t.Errorf("the report does not show it:\n%s", page)
	}
	run, err := reports.Load(filepath.Join(dir, "run"))
	if err != nil {
		t.Fatal(err)
	}
	fd := map[string]float64{}
	for _, r := range run.Records {
		if r.Metric == "fd" {
			fd[r.Model] = r.Value
		}
	}
	// The ring of radius 1 has the mean 0 and the covariance I/2. One point, wherever it lies on the ring, is at the distance 1 + 2 * 1/2 = 2.
	if !(fd["energy-net"] < 0.1) || !(fd["collapser"] > 1.8) {
		t.Errorf("distances %v: want energy-net near 0, collapser near 2", fd)
	}
}
