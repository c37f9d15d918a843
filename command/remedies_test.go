package command

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/featurizer"
)

// A message names a way out; who goes it gets there. Each row is a mistake, the words of the way out, and the same command when they are followed.
func TestRemediesWork(t *testing.T) {
	t.Chdir(t.TempDir())
	for i, dir := range []string{"real/cat", "real/dog", "fake/cat", "fake/cow"} {
		smallImages(t, dir, 6, 3, uint64(i+1))
	}
	smallImages(t, "broken", 6, 3, 5)
	if err := os.WriteFile(filepath.Join("broken", "x.png"), []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	saveRows(t, "A.npy", []int{40, 3}, normals(1, 120, 1, 0))
	saveRows(t, "B.npy", []int{40, 3}, normals(2, 120, 1, 0))
	saveRows(t, "L.npy", []int{40, 3}, normals(3, 120, 1, 0))
	probs, labels, doubtful := make([]float64, 120), make([]float64, 12), make([]float64, 6*4*4*3)
	for i := range 40 {
		p := .1 + .02*float64(i)
		probs[3*i], probs[3*i+1] = p, 1-p
	}
	for i := range labels {
		labels[i] = float64(i / 6)
	}
	for i := range doubtful {
		doubtful[i] = math.Mod(float64(i)*.37, 1)
	}
	doubtful[7] = -.004
	saveRows(t, "P.npy", []int{40, 3}, probs)
	saveRows(t, "labels.npy", []int{12}, labels)
	saveRows(t, "floats.npy", []int{6, 4, 4, 3}, doubtful)
	doubtful[7] = 0
	saveRows(t, "clipped.npy", []int{6, 4, 4, 3}, doubtful)
	square := featurizer.Float64Array([]int{3, 3}, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1})
	ref := featurizer.NPZ{"mu": featurizer.Float64Array([]int{3}, []float64{0, 0, 0}), "sigma": square, "arr_0": featurizer.Float64Array([]int{40, 3}, normals(4, 120, 1, 0))}
	if err := ref.Save("ref.npz"); err != nil {
		t.Fatal(err)
	}
	two := featurizer.NPZ{"x": ref["arr_0"], "y": ref["arr_0"]}
	if err := two.Save("two.npz"); err != nil {
		t.Fatal(err)
	}
	const short = "--steps 1 --train-n 300 --test-n 100 --quiet --out "
	for _, tt := range []struct{ wrong, words, right string }{
		{"score --metrics is", "--fake, or --logits or --probs", "score --metrics is --logits L.npy"},
		{"score --logits P.npy --metrics is", "give it as --probs", "score --probs P.npy --metrics is"},
		{"score --logits L.npy --probs P.npy --metrics is", "give one of them", "score --logits L.npy --metrics is"},
		{"score --fake B.npy --featurizer none", "by --real", "score --fake B.npy --real A.npy --featurizer none"},
		{"score --real A.npy --fake B.npy --featurizer pixels", "--featurizer none", "score --real A.npy --fake B.npy --featurizer none"},
		{"score --real A.npy --fake B.npy --featurizer none --metrics is", "--logits or --probs", "score --real A.npy --fake B.npy --featurizer none --metrics is --logits L.npy"},
		{"score --real A.npy --fake B.npy --featurizer none --metrics auth_pct", "by --train", "score --real A.npy --fake B.npy --featurizer none --metrics auth_pct --train A.npy"},
		{"score --real A.npy --fake B.npy --featurizer none --set kid.subsets=3", "add it to the metrics", "score --real A.npy --fake B.npy --featurizer none --set kid.subsets=3 --metrics kid"},
		{"score --real ref.npz --fake B.npy --featurizer none --metrics prdc", "ref.npz:arr_0", "score --real ref.npz:arr_0 --fake B.npy --featurizer none --metrics prdc"},
		{"score --real ref.npz --fake B.npy --featurizer none", "--real-n", "score --real ref.npz --fake B.npy --featurizer none --real-n 40"},
		{"score --real two.npz --fake B.npy --featurizer none", "two.npz:NAME", "score --real two.npz:x --fake B.npy --featurizer none"},
		{"score --real real --fake fake --featurizer pixels --metrics fd_class", "--labels and --real-labels",
			"score --real real --fake fake --featurizer pixels --metrics fd_class --labels labels.npy --real-labels labels.npy"},
		{"score --real real --fake broken --featurizer pixels", "--on-error skip", "score --real real --fake broken --featurizer pixels --on-error skip"},
		{"modes --real real --fake broken --featurizer pixels", "--on-error skip", "modes --real real --fake broken --featurizer pixels --on-error skip"},
		{"stats make broken --featurizer pixels --out s.npz", "--on-error skip", "stats make broken --featurizer pixels --out s.npz --on-error skip"},
		{"stats make floats.npy --featurizer pixels --out s.npz", "--range 0,1", "stats make clipped.npy --featurizer pixels --out s.npz --range 0,1"},
		{"stats make floats.npy --featurizer pixels --out s.npz --range 0,1", "save arr.clip(0, 1)", "stats make clipped.npy --featurizer pixels --out s.npz --range 0,1"},
		{"stats make A.npy --featurizer none --out s.txt", "ending in .npz", "stats make A.npy --featurizer none --out t.npz"},
		{"stats make A.npy --featurizer none --out t.npz --shard 3", "such as 2/4", "stats make A.npy --featurizer none --out u.npz --shard 1/1"},
		{"train gan-ns", "--dataset (assay list datasets)", "train gan-ns --dataset ring " + short + "r1"},
		{"train gan --dataset ring " + short + "r2", "gan-mm (minimax loss) and gan-ns", "train gan-mm --dataset ring " + short + "r2"},
		{"train dcgan --dataset ring " + short + "r3", "DCGAN is gan-ns", "train gan-ns --dataset ring " + short + "r3"},
		{"train gan-ns --dataset rng " + short + "r4", "did you mean \"ring\"", "train gan-ns --dataset ring " + short + "r4"},
		{"train gan-ns --dataset ring --set widht=8 " + short + "r5", "did you mean \"width\"", "train gan-ns --dataset ring --set width=8 " + short + "r5"},
		{"train gan-ns --dataset ring --set batch=0 " + short + "r6", "from 2 to 65536", "train gan-ns --dataset ring --set batch=2 " + short + "r6"},
		{"train gan-ns --dataset ring --param sigmas=1 " + short + "r7", "did you mean \"sigma\"", "train gan-ns --dataset ring --param sigma=1 " + short + "r7"},
		{"train gan-ns --dataset ring --preset fast " + short + "r8", "have default, paper", "train gan-ns --dataset ring --preset default " + short + "r8"},
		{"train gan-ns --dataset ring --seed 2 " + short + "r1", "choose another folder", "train gan-ns --dataset ring --seed 2 " + short + "r9"},
	} {
		r := assay(strings.Fields(tt.wrong)...)
		if r.code == 0 || !strings.Contains(r.err, tt.words) {
			t.Errorf("%s: status %d, %q, want words %q", tt.wrong, r.code, r.err, tt.words)
		}
		if r := assay(strings.Fields(tt.right)...); r.code != 0 {
			t.Errorf("%s, as the message advises: status %d, %s", tt.right, r.code, r.err)
		}
	}
}
