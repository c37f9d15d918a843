package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/rng"
)

// The fixtures in testdata/records are synthetic: this file makes them, UPDATE_GOLDEN=1 writes them, and a test holds the two together. They are shaped like
// a real benchmark (who is good at what, how far seeds scatter, one run that fails) but no number in them was measured.

// skill is what the generator believes of a model: its distance as a multiple of the floor, the scatter of its seeds, the modes it drops.
type skill struct {
	model         string
	factor, sd    float64
	drops, spread float64
}

var skills = []skill{{"cgan", 2.1, .12, .3, 1.1}, {"cyclegan", 3.4, .2, 1.2, .8}, {"gan-mm", 6, .45, 2.6, .5}, {"gan-ns", 2.6, .18, .8, .8}, {"vae", 4.2, .05, 0, 1.7}, {"wgan", 1.9, .1, .2, 1.2}}

func id(parts ...any) string {
	h := sha256.Sum256([]byte(fmt.Sprint(parts...)))
	return hex.EncodeToString(h[:8])
}

type maker struct {
	recs []Record
	base Record
}

func (m *maker) add(metric, better string, value float64) {
	r := m.base
	r.Metric, r.Better, r.Value, r.Status = metric, better, value, OK
	m.recs = append(m.recs, r)
}

// benchRecords makes six models on ring (6 seeds), grid (3 seeds) and glyphs (2 seeds), the rows of real data, and one failed cell.
func benchRecords() []Record {
	var m maker
	for _, d := range []struct {
		name         string
		seeds, modes int
		floor        float64
		featurizer   string
	}{{"ring", 6, 8, .004, "none"}, {"grid", 3, 25, .006, "none"}, {"glyphs", 2, 10, 1.4, "glyphnet"}} {
		m.base = Record{Dataset: d.name, Featurizer: d.featurizer, Reference: "test", N: 2500, NReal: 2500, Provenance: Provenance{Version: "0.1.0", Kernel: "avx512", CPU: "Example CPU",
			DatasetHash: id("data", d.name), WeightsHash: map[bool]string{true: id("weights")}[d.featurizer == "glyphnet"]}}
		for seed := range uint64(d.seeds) {
			s := rng.Stream(seed, "fixture", d.name, Real)
			m.base.Model, m.base.Seed, m.base.Cell = Real, seed, id(Real, d.name, seed)
			m.add("fd", Lower, d.floor*math.Exp(.1*s.Normal()))
			m.modes(d.featurizer, d.modes, skill{spread: 1}, s)
		}
		for _, k := range skills {
			for seed := range uint64(d.seeds) {
				s := rng.Stream(seed, "fixture", d.name, k.model)
				m.base.Model, m.base.Seed, m.base.Step, m.base.SettingsID, m.base.Cell = k.model, seed, 5000, id(k.model, d.name), id(k.model, d.name, seed)
				m.base.Settings = map[string]string{"batch": "128", "lr": "0.0002"}
				wall := (12 + 3*s.Float64()) * map[bool]float64{true: 8, false: 1}[d.name == "glyphs"]
				m.base.Cost = Cost{WallSeconds: wall, CPUSeconds: 1.8 * wall, DSteps: 5000, GSteps: 5000, Samples: 640000}
				if k.model == "gan-mm" && d.name == "ring" && seed == 2 {
					r := m.base
					r.Status, r.Step, r.Error, r.Featurizer, r.N, r.NReal = Failed, 3120, "step 3120, network d, op sigmoid: loss is NaN | lower lr", "", 0, 0
					m.recs = append(m.recs, r)
					continue
				}
				m.add("fd", Lower, d.floor*(1+(k.factor-1)*3*math.Exp(k.sd*s.Normal())))
				if d.name == "glyphs" {
					m.recs[len(m.recs)-1].Warnings = []string{"fd: 2500 rows for 64 features; FD falls with N: compare equal N only"}
				}
				m.modes(d.featurizer, d.modes, k, s)
			}
		}
		m.base = Record{}
	}
	return m.recs
}

func (m *maker) modes(featurizer string, modes int, k skill, s *rng.Source) {
	if featurizer == "glyphnet" {
		m.add("is", Higher, 9.1-k.factor*.5+.1*s.Normal())
		return
	}
	hit := max(1, float64(modes)-math.Round(k.drops*float64(modes)/8*(1+.4*s.Normal())))
	m.add("modes", Higher, min(hit, float64(modes)))
	m.add("hq", Higher, min(1, .989-.1*math.Abs(k.spread-1)-.01*k.factor*s.Float64()))
	m.add("modes_kl", Lower, math.Log(float64(modes)/min(hit, float64(modes)))+.004*math.Exp(.3*s.Normal()))
}

// studyRecords makes 24 settings of two models, one seed each: the one needs its search, the other does not.
func studyRecords() []Record {
	var m maker
	for _, k := range []skill{{model: "gan-ns", factor: 14, sd: .9}, {model: "vae", factor: 18, sd: .12}} {
		for i := range 24 {
			s := rng.Stream(uint64(i), "study", k.model)
			m.base = Record{Cell: id("study", k.model, i), Model: k.model, Dataset: "glyphs", SettingsID: id("setting", k.model, i), Settings: map[string]string{"lr": Number(1e-4 * math.Exp(2*s.Normal()))},
				Seed: 1, Step: 2000, Featurizer: "glyphnet", Reference: "test", N: 1000, NReal: 1000, Provenance: Provenance{Version: "0.1.0", Kernel: "generic", DatasetHash: id("data", "glyphs")}}
			if k.model == "gan-ns" && i%12 == 5 {
				r := m.base
				r.Status, r.Error = Failed, "step 40, network g: gradient is not finite"
				m.recs = append(m.recs, r)
				continue
			}
			m.add("fd", Lower, k.factor*math.Exp(k.sd*s.Normal()))
		}
	}
	return m.recs
}

const fixtures = "../testdata/records"

func TestFixtures(t *testing.T) {
	for name, recs := range map[string][]Record{"bench.jsonl": benchRecords(), "study.jsonl": studyRecords()} {
		var b bytes.Buffer
		for _, r := range recs {
			line, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(append(line, '\n'))
		}
		golden(t, filepath.Join(fixtures, name), b.Bytes())
	}
}

// golden compares with a file; UPDATE_GOLDEN=1 rewrites it.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if testutil.UpdateGolden() {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, got, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		at := 0
		for at < min(len(want), len(got)) && want[at] == got[at] {
			at++
		}
		t.Errorf("%s differs from byte %d on (UPDATE_GOLDEN=1 rewrites it if this is meant):\n got ...%.300q\nwant ...%.300q", path, at, got[at:], want[at:])
	}
}

// runFolder writes a run folder with artifacts of every kind: contact sheets of distorted digits, scatters, curves, verdicts. One cell has none.
func runFolder(t *testing.T, recs []Record) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "2026-05-bench-all")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w, err := OpenWriter(filepath.Join(dir, RecordsFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Append(recs...), w.Close()); err != nil {
		t.Fatal(err)
	}
	done := map[string]bool{}
	for _, r := range recs {
		if done[r.Cell] || r.Model == Real || r.CellFailed() || r.Model == "cyclegan" && r.Dataset == "grid" {
			continue
		}
		done[r.Cell] = true
		if err := WriteArtifacts(dir, r.Cell, artifacts(r)); err != nil {
			t.Fatal(err)
		}
		if r.Dataset == "glyphs" {
			if err := os.WriteFile(SamplesPath(dir, r.Cell), digits(t, r), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func artifacts(r Record) Artifacts {
	var k skill
	for _, x := range skills {
		if x.model == r.Model {
			k = x
		}
	}
	s := rng.Stream(r.Seed, "artefact", r.Model, r.Dataset) // the name draws the pictures of the goldens
	a := Artifacts{Curves: &Curves{Series: []Series{{Name: "d_loss"}, {Name: "g_loss"}}}}
	for step := 0; step <= 5000; step += 10 {
		x := float64(step) / 5000
		for i, v := range []float64{1.386 - .5*math.Exp(-6*x) + k.sd*.3*s.Normal(), .7 + 1.4*k.sd*math.Sin(9*x)*x + 2*math.Exp(-8*x) + k.sd*.4*s.Normal()} {
			a.Curves.Series[i].Steps = append(a.Curves.Series[i].Steps, step)
			a.Curves.Series[i].Values = append(a.Curves.Series[i].Values, v)
		}
	}
	if r.Dataset == "glyphs" {
		return a
	}
	sc := &Scatter{Sigma: .05}
	if r.Dataset == "ring" {
		for i := range 8 {
			sc.Modes = append(sc.Modes, [2]float64{math.Cos(float64(i) * math.Pi / 4), math.Sin(float64(i) * math.Pi / 4)})
		}
	} else {
		for i := range 25 {
			sc.Modes = append(sc.Modes, [2]float64{float64(i%5) - 2, float64(i/5) - 2})
		}
	}
	kept := max(1, int(float64(len(sc.Modes))*(1-k.drops/8)))
	for range 1200 {
		m := sc.Modes[s.IntN(kept)]
		p := [2]float64{m[0] + sc.Sigma*k.spread*s.Normal(), m[1] + sc.Sigma*k.spread*s.Normal()}
		if s.Float64() < .02*k.factor {
			u, o := s.Float64(), sc.Modes[s.IntN(kept)]
			p[0], p[1] = p[0]*u+o[0]*(1-u), p[1]*u+o[1]*(1-u)
		}
		sc.Points = append(sc.Points, [2]float64{round4(p[0]), round4(p[1])})
	}
	a.Scatter = sc
	a.Verdict = &Verdict{Word: "healthy", Evidence: []string{fmt.Sprintf("%d of %d modes with a third of their share", kept, len(sc.Modes))}}
	if kept < len(sc.Modes) {
		a.Verdict.Word = "dropping"
	}
	if r.Model == "gan-mm" {
		a.Verdict = &Verdict{Word: "collapsed", Evidence: append(a.Verdict.Evidence, "spread within modes 0.5 of the true one")}
	}
	return a
}

// digits draws 64 digits, the worse the model the more pixels flip.
func digits(t *testing.T, r Record) []byte {
	t.Helper()
	parsed, err := opentype.Parse(gobold.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 26, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	s := rng.Stream(r.Seed, "digits", r.Model)
	img := image.NewGray(image.Rect(0, 0, 8*30+2, 8*30+2))
	for i := range 64 {
		d := font.Drawer{Dst: img, Src: image.White, Face: face, Dot: fixed.P(2+i%8*30+6+s.IntN(4), 2+i/8*30+22+s.IntN(3))}
		d.DrawString(fmt.Sprint(s.IntN(10)))
	}
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			v := float64(img.GrayAt(x, y).Y)
			if s.Float64() < r.Value/100 {
				v = 255 - v
			}
			img.SetGray(x, y, color.Gray{uint8(min(max(v, 0), 255))})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// report computes a report that must exist.
func report(t *testing.T, run *Run, o Options) *Report {
	t.Helper()
	r, err := New(run, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
