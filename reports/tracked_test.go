package reports

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/tensorfile"
	"github.com/assay-gan/assay/rng"
)

// treeOf returns the files of a folder format.
func treeOf(t *testing.T, id string, r *Report) map[string]string {
	t.Helper()
	f, err := Lookup(Formats(), id)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	err = f.Tree(r, func(path string, content []byte) error {
		if _, twice := files[path]; twice || !filepath.IsLocal(path) {
			t.Errorf("%s: path %q, twice %v", id, path, twice)
		}
		files[path] = string(content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// What tensorboard 2.21.0 writes for these events, to the byte: the head of a file, a scalar, an image, a text, hyperparameters and the end of a session.
func TestEventsAreThoseOfTensorBoard(t *testing.T) {
	event := func(wall float64, step int, v message) message {
		return message(nil).double(1, wall).varint(2, uint64(step)).bytes(5, v)
	}
	hparams := &trackedRun{name: "t", of: &Record{Settings: map[string]string{"lr": "0.001", "loss": "hinge", "n": "5"}}}
	for _, c := range []struct {
		name string
		got  []byte
		want string
	}{
		{"scalar", tensorfile.AppendRecord(nil, event(1.5, 300, scalarValue("fd/test", 0.25))),
			"1e00000000000000d9dc123209000000000000f83f10ac022a100a0e0a0766642f74657374150000803eb517f993"},
		{"text", tensorfile.AppendRecord(nil, event(2, 0, textValue("settings", "hi"))),
			"3c00000000000000c8b7a3520900000000000000402a310a2f0a1573657474696e67732f746578745f73756d6d617279420c0807120412020801420268694a080a060a0474657874b506b3cc"},
		{"image", tensorfile.AppendRecord(nil, event(2, 1, imageValue(imageOf{name: "samples", width: 3, height: 2, png: []byte("PNG")}))),
			"2500000000000000eabc36f309000000000000004010012a180a160a0773616d706c6573220b0802100318032203504e47128b27d6"},
		{"end of a session", (&trackedRun{wall: 2.5}).ended(),
			"0a400a1a5f68706172616d735f2f73657373696f6e5f656e645f696e666f42060801120212004a1a0a180a0768706172616d73120d220b0801110000000000000440"},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
	// The map of hyperparameters has no order in a protocol buffer: ours is sorted, the package's that of its caller, and ours has the model, data set and seed too.
	got := string(hparams.hyperparameters())
	for _, entry := range []string{"0a0f0a026c72120911fca9f1d24d62503f", "0a0f0a046c6f737312071a0568696e6765", "0a0e0a016e1209110000000000001440", "220174"} {
		if b, _ := hex.DecodeString(entry); !strings.Contains(got, string(b)) {
			t.Errorf("hyperparameters %x lack %s", got, entry)
		}
	}
}

// Both folders are the same for the records in another order, and have a run for each cell.
func TestTrackersAreDeterministic(t *testing.T) {
	recs := benchRecords()
	other := slices.Clone(recs)
	rng.Stream(3, "order").Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
	cells := map[string]bool{}
	for _, r := range recs {
		cells[r.Cell] = true
	}
	for id, file := range map[string]string{"tensorboard": ".assay", "mlflow": "/tags/mlflow.runName"} {
		a, b := treeOf(t, id, report(t, NewRun("x", recs), Options{})), treeOf(t, id, report(t, NewRun("x", other), Options{}))
		if len(a) != len(b) {
			t.Fatalf("%s: %d files and %d", id, len(a), len(b))
		}
		runs := 0
		for path, text := range a {
			if b[path] != text {
				t.Errorf("%s: %s depends on the order of the records", id, path)
			}
			if strings.HasSuffix(path, file) {
				runs++
			}
		}
		if runs != len(cells) {
			t.Errorf("%s: %d runs of %d cells", id, runs, len(cells))
		}
	}
}

// trackedFolder makes a run folder of one model at three steps and a failed one, with curves and a contact sheet; names are hostile where evil is.
func trackedFolder(t *testing.T, evil string) *Report {
	t.Helper()
	dir := t.TempDir()
	var recs []Record
	for i, step := range []int{100, 200, 300} {
		recs = append(recs, Record{Cell: "c1", Model: "gan" + evil, Dataset: "ring" + evil, Seed: 3, Step: step, Metric: "fd", Featurizer: "pca(8,pixels)", Reference: "test", N: 100, Value: 1 / float64(i+2), Status: OK, Better: Lower,
			Settings: map[string]string{"lr" + evil: "0.001", "loss": "hinge" + evil}, Interval: &Interval{Lo: 0.1, Hi: 0.7, Level: 0.95, Method: "m"}, Warnings: []string{"few rows" + evil},
			Cost: Cost{WallSeconds: float64(i + 1), CPUSeconds: float64(i+1) / 2}, Provenance: Provenance{Version: "v" + evil}})
	}
	recs = append(recs, Record{Cell: "c2", Model: "gan" + evil, Dataset: "ring" + evil, Seed: 4, Step: 50, Status: Failed, Error: "loss is NaN" + evil, Cost: Cost{WallSeconds: 0.5}})
	run := NewRun("night", recs)
	run.Dir = dir
	err := WriteArtifacts(dir, "c1", Artifacts{Cell: "c1", Curves: &Curves{[]Series{{Name: "loss d" + evil, Steps: []int{50, 150}, Values: []float64{0.7, 0.5}}}}, Verdict: &Verdict{Word: "healthy", Evidence: []string{"nothing" + evil}},
		Watch: &Watch{Every: 150, Samples: 10, Of: "modes", Fair: []float64{.5, .5}, Steps: []int{150}, Counts: [][]int{{5, 5}}, Covered: []int{2}, Effective: []float64{2}, Duplicates: []float64{0.25}, Spread: []float64{0.9}, NotNumbers: []int{0}}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 6, 4))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(SamplesPath(dir, "c1"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return report(t, run, Options{})
}

// An MLflow store as it should be: the files by name, with what is in them.
func TestMLflowStore(t *testing.T) {
	files := treeOf(t, "mlflow", trackedFolder(t, ""))
	got := map[string]string{}
	for path, text := range files {
		path = path[strings.Index(path, "/")+1:]
		if _, rest, ok := strings.Cut(path, "/"); ok && strings.Contains(text, "ring/gan/seed-4") || strings.HasPrefix(rest, "meta") && strings.Contains(text, "seed-4") {
			continue
		} else if ok {
			path = rest
		}
		got[path] = text
	}
	// Steps 100, 200 and 300 after 1, 2 and 3 seconds of the clock, which was read at the last one: 1, 2 and 3 thirds of it.
	for path, want := range map[string]string{
		"metrics/score/fd.pca-8-pixels-.test":        "1000 0.5 100\n2000 0.3333333333333333 200\n3000 0.25 300\n",
		"metrics/interval low/fd.pca-8-pixels-.test": "1000 0.1 100\n2000 0.1 200\n3000 0.1 300\n",
		"metrics/training/loss d":                    "500 0.7 50\n1500 0.5 150\n",
		"metrics/monitor/duplicates":                 "1500 0.25 150\n",
		"params/lr":                                  "0.001",
		"params/loss":                                "hinge",
		"tags/mlflow.runName":                        "ring/gan/seed-3",
	} {
		if got[path] != want {
			t.Errorf("%s holds %q, want %q", path, got[path], want)
		}
	}
	if !strings.HasPrefix(got["artifacts/samples.png"], "\x89PNG") {
		t.Errorf("the picture is not among the artifacts: %q", slices.Sorted(keysIn(got)))
	}
	meta := 0
	for path, text := range files {
		if strings.HasSuffix(path, "/meta.yaml") && strings.Contains(text, "run_id") {
			meta++
			failed := strings.Contains(text, "seed-4")
			if want := map[bool]string{false: "status: 3\n", true: "status: 4\n"}[failed]; !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", path, want, text)
			}
		}
	}
	if meta != 2 {
		t.Errorf("%d runs", meta)
	}
}

func keysIn(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Names from records become paths, YAML and protocol buffers: none leaves its folder, ends a line, or is more than one name.
func TestTrackersAreInert(t *testing.T) {
	allowed := regexp.MustCompile(`^[A-Za-z0-9._+= /-]+$`)
	for _, evil := range []string{"/../../x", "\n- evil: yes", "\"; x: 'y", "\x1b[31m", "..", strings.Repeat("é", 500), "\xff\xfe", "CON", "#a:b|c<d>"} {
		r := trackedFolder(t, evil)
		for _, id := range []string{"tensorboard", "mlflow"} {
			for path, text := range treeOf(t, id, r) {
				if !allowed.MatchString(path) || slices.Contains(strings.Split(path, "/"), "..") || len(filepath.Base(path)) > 200 {
					t.Errorf("%s: path %q from %q", id, path, evil)
				}
				if strings.HasSuffix(path, "meta.yaml") {
					for line := range strings.Lines(text) {
						if !regexp.MustCompile(`^[a-z_]+: ("(?:[^"\\]|\\.)*"|''|\[\]|[0-9]+|active)\n$`).MatchString(line) {
							t.Errorf("%s holds %q", path, line)
						}
					}
				}
				if strings.Contains(text, "\x1b[") {
					t.Errorf("%s: %s holds an escape", id, path)
				}
			}
		}
	}
}

// Runs that a path cannot tell apart have names of their own, and so have metrics.
func TestTrackedNames(t *testing.T) {
	of := func(cell, model string, seed uint64) []*Record {
		return []*Record{{Cell: cell, Model: model, Dataset: "d", Seed: seed}}
	}
	got := namedCells(map[string][]*Record{"a": of("a", "m(1)", 1), "b": of("b", "M[1]", 1), "c": of("c", "m", 1), "d": of("d", "../..", 2)}, nil)
	want := []namedCell{{"d/M-1/seed-1-b", "b"}, {"d/_/seed-2", "d"}, {"d/m-1/seed-1-a", "a"}, {"d/m/seed-1", "c"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("names %v, want %v", got, want)
	}
	u := usedNames{}
	for _, c := range [][2]string{{"fd(a)", "metrics/score/fd-a"}, {"FD[a]", "metrics/score/FD-a-2"}, {"..", "metrics/score/_"}, {"a:b", "metrics/score/a-b"}} {
		if got := u.unused("metrics/score", c[0]); got != c[1] {
			t.Errorf("%q is stored as %q, want %q", c[0], got, c[1])
		}
	}
	if millis(math.Inf(1)) != "0" || millis(1.5) != "1500" {
		t.Error("milliseconds")
	}
}

// readBack reads both folders by the packages that they are for, and prints what they found as JSON.
const readBack = `
import json, os, sys
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.chdir(sys.argv[1])
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2
out = {"tensorboard": {}, "mlflow": {}}
for folder, _, files in os.walk("tensorboard"):
    if not files: continue
    e = EventAccumulator(folder, size_guidance={"scalars": 0, "images": 0, "tensors": 0}); e.Reload()
    one = {"scalars": {t: [[x.wall_time, x.step, x.value] for x in e.Scalars(t)] for t in e.Tags()["scalars"]},
           "images": {t: [[x.step, x.width, x.height] for x in e.Images(t)] for t in e.Tags()["images"]},
           "texts": {t: e.Tensors(t)[0].tensor_proto.string_val[0].decode() for t in e.PluginTagToContent("text")} if "text" in e.summary_metadata.__repr__() else {}}
    h = plugin_data_pb2.HParamsPluginData.FromString(e.PluginTagToContent("hparams")["_hparams_/session_start_info"])
    one["hparams"] = {k: v.number_value if v.HasField("number_value") else v.string_value for k, v in h.session_start_info.hparams.items()}
    end = plugin_data_pb2.HParamsPluginData.FromString(e.PluginTagToContent("hparams")["_hparams_/session_end_info"])
    one["status"] = end.session_end_info.status
    out["tensorboard"][os.path.relpath(folder, "tensorboard").replace(os.sep, "/")] = one
from mlflow.tracking import MlflowClient
c = MlflowClient(tracking_uri="mlruns")
for x in c.search_experiments():
    if x.name == "Default": continue
    for r in c.search_runs([x.experiment_id]):
        i = r.info.run_id
        out["mlflow"][r.info.run_name] = {"experiment": x.name, "status": r.info.status, "params": r.data.params,
            "metrics": {m: [[v.timestamp, v.step, v.value] for v in c.get_metric_history(i, m)] for m in r.data.metrics},
            "artifacts": [a.path for a in c.list_artifacts(i)], "note": r.data.tags["mlflow.note.content"],
            "bytes": [os.path.getsize(c.download_artifacts(i, a.path)) for a in c.list_artifacts(i)]}
print("JSON" + json.dumps(out))
`

// python is an interpreter that has tensorboard and mlflow: the one that ASSAY_TRACKERS_PYTHON names, or in CI one of a virtual environment made for it.
func python(t *testing.T) string {
	t.Helper()
	if p := os.Getenv("ASSAY_TRACKERS_PYTHON"); p != "" {
		return p
	}
	const how = "ASSAY_TRACKERS_PYTHON=PYTHON names an interpreter with tensorboard and mlflow-skinny (pip install tensorboard mlflow-skinny)"
	if os.Getenv("CI") != "true" {
		t.Skip(how)
	}
	env := filepath.Join(t.TempDir(), "env")
	for _, command := range [][]string{{"python3", "-m", "venv", env}, {filepath.Join(env, "bin", "pip"), "install", "-q", "tensorboard", "mlflow-skinny"}} {
		if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("%v: %v: %s; %s", command, err, out, how)
		}
	}
	return filepath.Join(env, "bin", "python")
}

// The packages themselves read what was written, every value of it.
func TestTrackersAreReadByTheirPackages(t *testing.T) {
	interpreter := python(t)
	r := trackedFolder(t, "")
	dir := t.TempDir()
	var formats []Format
	for _, f := range Formats() {
		if f.Folder() {
			formats = append(formats, f)
		}
	}
	if _, err := r.WriteAll(dir, formats); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), interpreter, "-c", readBack, dir).CombinedOutput()
	_, text, ok := strings.Cut(string(out), "JSON")
	if err != nil || !ok {
		t.Fatalf("%v: %s", err, out)
	}
	type points [][3]float64
	var got struct {
		TensorBoard map[string]struct {
			Scalars map[string]points
			Images  map[string][][3]int
			Texts   map[string]string
			HParams map[string]any
			Status  int
		}
		MLflow map[string]struct {
			Experiment, Status, Note string
			Params                   map[string]string
			Metrics                  map[string]points
			Artifacts                []string
			Bytes                    []int
		}
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.TensorBoard) != 2 || len(got.MLflow) != 2 {
		t.Fatalf("read %+v", got)
	}
	tb, ml := got.TensorBoard["ring/gan/seed-3"], got.MLflow["ring/gan/seed-3"]
	equal := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	third := float64(float32(1) / 3)
	equal("scalar", tb.Scalars["score/fd.pca(8,pixels).test"], points{{1, 100, 0.5}, {2, 200, third}, {3, 300, 0.25}})
	equal("curve", tb.Scalars["training/loss d"], points{{0.5, 50, float64(float32(0.7))}, {1.5, 150, 0.5}})
	equal("monitor", tb.Scalars["monitor/modes covered"], points{{1.5, 150, 2}})
	equal("image", tb.Images["samples"], [][3]int{{300, 6, 4}})
	equal("hyperparameters", tb.HParams, map[string]any{"dataset": "ring", "loss": "hinge", "lr": 0.001, "model": "gan", "seed": 3})
	equal("status", tb.Status, 1)
	equal("status of the failed run", got.TensorBoard["ring/gan/seed-4"].Status, 2)
	equal("metric", ml.Metrics["score/fd.pca-8-pixels-.test"], points{{1000, 100, 0.5}, {2000, 200, 1.0 / 3}, {3000, 300, 0.25}})
	equal("params", ml.Params, map[string]string{"dataset": "ring", "loss": "hinge", "lr": "0.001", "model": "gan", "seed": "3"})
	equal("artifacts", ml.Artifacts, []string{"about.md", "samples.png"})
	equal("run status", ml.Status+" "+got.MLflow["ring/gan/seed-4"].Status, "FINISHED FAILED")
	equal("experiment", ml.Experiment, "night")
	if !strings.Contains(ml.Note, "healthy") || len(ml.Bytes) != 2 || ml.Bytes[1] < 60 {
		t.Errorf("note %q, artifact of %v bytes", ml.Note, ml.Bytes)
	}
}
