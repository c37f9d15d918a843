package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/nn"
)

func TestNPY(t *testing.T) {
	dir := t.TempDir()
	for _, shape := range [][]int{{6}, {2, 3}, {1, 2, 3}} {
		if err := writeNPY(dir, "x", []float64{1, -2, 3, 4.5, 0, 1e-300}, shape...); err != nil {
			t.Fatal(err)
		}
		a, err := featurizer.ReadArray(filepath.Join(dir, "x.npy")) // another reader of the format
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(shape, a.Shape); diff != "" {
			t.Error(diff)
		}
	}
	if err := writeNPY(dir, "x", []float32{1, 2, 3}, 2, 2); err == nil {
		t.Error("3 values for 2 x 2: no error")
	}
}

// ask sends requests to a worker in this process and returns its replies.
func ask(t *testing.T, requests ...request) []reply {
	t.Helper()
	var in, out bytes.Buffer
	for _, q := range requests {
		if err := json.NewEncoder(&in).Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := serve(&in, &out, 1); err != nil {
		t.Fatal(err)
	}
	var replies []reply
	for d := json.NewDecoder(&out); d.More(); {
		var r reply
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		replies = append(replies, r)
	}
	return replies
}

func TestServe(t *testing.T) {
	dir := t.TempDir()
	r := ask(t,
		request{Op: "open", Job: "gemm", Args: args{"n": 33}, Dir: dir},
		request{Op: "run", N: 3},
		request{Op: "close"},
		request{Op: "run", N: 1},
		request{Op: "open", Job: "nothing"},
		request{Op: "dance"})
	if len(r) != 6 {
		t.Fatalf("%d replies to 6 requests", len(r))
	}
	if r[0].Error != "" || len(r[1].MS) != 3 || r[2].Error != "" {
		t.Errorf("open, run, close: %+v", r[:3])
	}
	for i, want := range map[int]string{3: "not open", 4: `"nothing"`, 5: `"dance"`} {
		if !strings.Contains(r[i].Error, want) {
			t.Errorf("reply %d: error %q, want %q in it", i, r[i].Error, want)
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		if _, err := os.Stat(filepath.Join(dir, name+".npy")); err != nil {
			t.Error(err)
		}
	}
}

// Every net builds, trains with falling or finite losses, and has the size that the page names.
func TestNets(t *testing.T) {
	for name, want := range map[string]int{
		"mlp":         2*128 + 128 + 128*128 + 128 + 128 + 1,
		"small-64":    2*64 + 64 + 64*64 + 64 + 64 + 1,
		"lstm-pixels": (32+64)*256 + 256 + 64*32 + 32,
		"dcgan":       16*64 + 64 + 16*64*128 + 2*128 + 6272 + 1,
		// 3>64 and 64>128 convolutions, 8192>1024 dense, two batch norms, 1024>1: the 8.5 M of the title
		"infogan": 16*3*64 + 64 + 16*64*128 + 2*128 + 8192*1024 + 2*1024 + 1024 + 1,
	} {
		if testing.Short() && name == "infogan" {
			continue
		}
		n, err := build(name, 1)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := nn.Count(n.turns[0].params); got != want {
			t.Errorf("%s: critic of %d parameters, want %d", name, got, want)
		}
		if err := n.train1(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := build("nothing", 1); err == nil {
		t.Error("no error for an unknown net")
	}
}

// Exporting changes no weight: timing starts where the peer's does.
func TestExportRestores(t *testing.T) {
	n, err := build("mlp", 1)
	if err != nil {
		t.Fatal(err)
	}
	before := n.weights()
	if err := n.export(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, n.weights()); diff != "" {
		t.Error(diff)
	}
}

// timed is a measurement of id with our turns and one peer's.
func timed(id string, threads int, ours, theirs []float64) measurement {
	s := func(label string, turns []float64) series {
		r := series{Label: label}
		for _, v := range turns {
			r.add(reply{MS: []float64{v * 1.1, v, v * 1.2}, CPU: 3 * v})
		}
		return r
	}
	label := "peer"
	if w := rowOf(id); w.peers[0].label != "" {
		label = w.peers[0].label
	}
	return measurement{ID: id, Threads: threads, Ours: s("Assay", ours), Peers: []series{s(label, theirs)}}
}

func TestRatio(t *testing.T) {
	m := timed("dcgan", 1, []float64{10, 20, 10}, []float64{20, 30, 25})
	// rounds: 2, 1.5, 2.5; best 20 by 10; turns' medians are 1.1 times the value on both sides
	want := ratio{Median: 2, Best: 2, Low: 1.5, High: 2.5, CPU: 2}
	got := m.ratio(m.Peers[0])
	for _, p := range []*float64{&got.Median, &got.Best, &got.Low, &got.High, &got.CPU} {
		*p = math.Round(*p*1e9) / 1e9
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReach(t *testing.T) {
	find := func(rec record, part string) line {
		for _, l := range rec.reach() {
			if strings.Contains(l.want, part) {
				return l
			}
		}
		t.Fatalf("no line with %q", part)
		return line{}
	}
	const dcgan = "DCGAN, 28x28, batch 64, step, 1 thread: at least 2 times"
	rec := func(m ...measurement) record { return record{Rows: m} }
	void := timed("dcgan", 1, []float64{10}, []float64{90})
	void.Void = "gradient d differ"
	busy := timed("dcgan", 1, []float64{10}, []float64{21})
	busy.Others = 0.5
	two := timed("frechet", 2, []float64{1000}, []float64{4000}) // four times the first peer, 1.2 times another
	two.Peers = append(two.Peers, timed("frechet", 2, nil, []float64{1200}).Peers[0])
	two.Peers[1].Label = rowOf("frechet").peers[1].label
	taped := timed("dcgan", 1, []float64{10}, []float64{21}) // 2.1 times PyTorch, 1.5 times our own operators elsewhere, which are no rival
	taped.Peers = append(taped.Peers, timed("dcgan", 1, nil, []float64{15}).Peers[0])
	taped.Peers[1].Label = onTape.label
	for _, c := range []struct {
		why  string
		rec  record
		part string
		want string
	}{
		{"nothing measured", rec(), dcgan, unknown},
		{"2.1 in the median and in the best", rec(timed("dcgan", 1, []float64{10}, []float64{21})), dcgan, holds},
		{"1.9", rec(timed("dcgan", 1, []float64{10}, []float64{19})), dcgan, fails},
		{"median 2.2, best 19 by 10", rec(timed("dcgan", 1, []float64{10, 10, 10}, []float64{22, 22, 19})), dcgan, "in the medians only"},
		{"median 1.5, best 20 by 8", rec(timed("dcgan", 1, []float64{20, 20, 8}, []float64{20, 30, 21})), dcgan, "in the best times only"},
		{"different arithmetic", rec(void), dcgan, voidMark},
		{"neighbours", rec(busy), dcgan, holds + " (unreliable: other programs used 50 % of the processors)"},
		{"2.4 s", rec(timed("frechet", 2, []float64{2200}, []float64{9000})), "at most 2.5 s", holds},
		{"2.6 s, once 2.4", rec(timed("frechet", 2, []float64{2400}, []float64{9000})), "at most 2.5 s", "in the best times only"},
		{"our operators on the tape", rec(taped), "DCGAN, 28x28, batch 64, step, 1 thread: at least 1.8 times the fastest peer", holds},
		{"the fastest of two peers", rec(two), "at least 1.3 times the fastest peer", fails},
		{"a quick run computes something smaller", record{Machine: machine{Quick: true}, Rows: []measurement{timed("frechet", 2, []float64{1}, []float64{2})}}, "at most 2.5 s", unknown},
		{"two runs in 1.05 times the time of one", rec(timed("twin-dcgan", 2, []float64{105}, []float64{100})), "runs (dcgan)", holds},
		{"two runs in twice the time", rec(timed("twin-dcgan", 2, []float64{200}, []float64{100})), "runs (dcgan)", fails},
		// 2*1024^3 flop in 21.47 ms are 100 GFLOP/s; the line moves from 107 to 128.4 ms
		{"DCGAN scaled to the machine", rec(timed("sgemm-1024", 1, []float64{21.475}, []float64{20}), timed("dcgan", 1, []float64{115}, []float64{300})), "107 ms", holds},
		{"DCGAN beyond it", rec(timed("sgemm-1024", 1, []float64{21.475}, []float64{20}), timed("dcgan", 1, []float64{130}, []float64{300})), "107 ms", fails},
	} {
		if got := find(c.rec, c.part).verdict; got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func TestFlop(t *testing.T) {
	sizes := map[string]int{"z": 64 * 100}
	for _, c := range []struct {
		line string
		want float64
	}{
		{"#0 linear (64, 6272) <- z g.fc.w g.fc.b", 2 * 64 * 100 * 6272},
		{"#1 matmul(true,false) (6272, 1) <- #0 #7", 2 * 6272 * 64},
		// 7 x 7 places, 4 x 4 x 64 products each, 128 filters, 64 images; the same for the three passes
		{"#2 conv2d(4x4/2x2+1x1,14x14x64>128)+leakyrelu(0.2) (64, 7, 7, 128) <- #1 w", 2 * 64 * 49 * 16 * 64 * 128},
		{"#3 convweight(4x4/2x2+1x1,14x14x64>128) (4, 4, 64, 128) <- #1 #2", 2 * 64 * 49 * 16 * 64 * 128},
		{"#4 softplus (64, 1) <- #3", 0},
		{"#5 sum () <- #4", 0},
	} {
		if got := flopOf(c.line, 64, sizes); got != c.want {
			t.Errorf("%s: %g, want %g", c.line, got, c.want)
		}
	}
	// The MLP pair, batch 512: a critic's pass costs a = 2*512*(2*128 + 128*128 + 128). The critic's step runs the generator once and the critic twice
	// forward, both weight gradients, and the input gradients down to its first layer, which needs none.
	n, err := build("mlp", 1)
	if err != nil {
		t.Fatal(err)
	}
	const d, g = 2*128 + 128*128 + 128, 2*128 + 128*128 + 256
	critic := g + 2*d + 2*d + 2*(128*128+128)
	generator := g + d + d + g + (128*128 + 256) // and through the critic without its weights
	if got, want := n.flop(), float64(2*512*(critic+generator)); got != want {
		t.Errorf("MLP step: %g, want %g", got, want)
	}
}

func TestDifference(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{{[]float64{1, 2}, []float64{1, 2}, 0}, {[]float64{1, 2}, []float64{1, 1}, .5}, {nil, nil, 1}, {[]float64{1}, []float64{1, 2}, 1}, {[]float64{0, -4}, []float64{0, -5}, .2}} {
		if got := difference(c.a, c.b); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("difference(%v, %v) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
	m := measurement{Ours: series{Label: "Assay"}}
	m.collect([]*side{{s: &m.Ours, values: []float64{1}}, {s: &series{Label: "p"}, values: []float64{math.NaN()}}}, 1e-3)
	if m.Void == "" {
		t.Error("NaN against 1 is not void")
	}
}

func TestMergeKeepsOtherRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	a, b := timed("mlp", 1, []float64{1}, []float64{2}), timed("vae", 1, []float64{1}, []float64{3})
	if _, err := mergeRecord(path, record{Rows: []measurement{a, b}}, false); err != nil {
		t.Fatal(err)
	}
	fresh := timed("vae", 1, []float64{2}, []float64{9})
	got, err := mergeRecord(path, record{Rows: []measurement{fresh}}, true)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]measurement{a, fresh}, got.Rows); diff != "" {
		t.Error(diff)
	}
	if _, err := mergeRecord(path, record{Machine: machine{CPU: "another"}}, true); err == nil {
		t.Error("figures of two machines were mixed")
	}
}

func TestParse(t *testing.T) {
	for _, bad := range [][]string{{"-only", "nothing"}, {"-threads", "0"}, {"-threads", "x"}, {"loose"}} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
	o, err := parse(nil)
	if err != nil || o.out != pageFile || !o.record {
		t.Errorf("a full run writes to %q, recorded %v (%v)", o.out, o.record, err)
	}
	if o, err = parse([]string{"-quick"}); err != nil || o.out != "" || o.json != "" || o.record {
		t.Errorf("a quick run writes to %q and %q (%v)", o.out, o.json, err)
	}
}

// The page is what the recorded figures give.
func TestPageIsFresh(t *testing.T) {
	const root = "../../"
	recs, err := readRecords(root + recordDir)
	if err != nil {
		t.Fatal(err)
	}
	testutil.FreshPage(t, root+pageFile, "go run ./cmd/bench-peers -render", func(w io.Writer) error { return page(w, recs...) })
}

// With PyTorch at hand both sides really compute the same.
func TestAgreesWithPyTorch(t *testing.T) {
	if testing.Short() {
		t.Skip("starts PyTorch")
	}
	python := findPython("")
	if python == "" {
		t.Skip("no python3 with numpy: apt install python3-torch python3-scipy")
	}
	dir := t.TempDir()
	script, err := unpack(dir)
	if err != nil {
		t.Fatal(err)
	}
	w, err := start("python", 1, python, script, "1")
	if err != nil {
		t.Fatal(err)
	}
	defer w.stop()
	for _, c := range []struct {
		job, variant string
		args         args
	}{
		{"step", "eager", args{"net": "mlp"}}, {"step", "eager", args{"net": "vae"}}, {"step", "eager", args{"net": "small-64"}}, {"step", "eager", args{"net": "unet"}},
		{"step", "eager", args{"net": "lstm-words"}}, {"step", "eager", args{"net": "lstm-pixels"}}, {"gemm", "numpy", args{"n": 65}}, {"gemm", "torch", args{"n": 65}},
		{"conv", "channels_last", args{"n": 2, "h": 8, "c": 3, "k": 5, "kh": 4, "s": 2, "p": 1, "pass": "input"}},
	} {
		data := t.TempDir()
		if r := ask(t, request{Op: "open", Job: c.job, Args: c.args, Dir: data}); r[0].Error != "" {
			t.Fatal(r[0].Error)
		}
		q, err := w.call(request{Op: "open", Job: c.job, Variant: c.variant, Args: c.args, Dir: data})
		if err != nil {
			t.Fatal(err)
		}
		if q.Missing != "" {
			t.Skipf("%s is missing: apt install %s", q.Missing, q.Missing)
		}
		if len(q.Checks) == 0 {
			t.Errorf("%s %v: nothing was compared", c.job, c.args)
		}
		for _, k := range q.Checks {
			if !k.ok() {
				t.Errorf("%s %v: %s differ by %g, limit %g", c.job, c.args, k.What, k.Error, k.Limit)
			}
		}
	}
}
