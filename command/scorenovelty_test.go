package command

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Copies of the training set have a better fd than new samples, and the score says so beside it, without being asked.
func TestScoreShowsCopiesBesideFidelity(t *testing.T) {
	t.Chdir(t.TempDir())
	train := normals(1, 1600, 1, 0)
	saveRows(t, "train.npy", []int{400, 4}, train)
	saveRows(t, "held.npy", []int{400, 4}, normals(2, 1600, 1, 0))
	saveRows(t, "new.npy", []int{200, 4}, normals(3, 800, 1, 0))
	copies := slices.Clone(train[:800])
	for i := range copies {
		copies[i] += 1e-3
	}
	saveRows(t, "copies.npy", []int{200, 4}, copies)
	type answer struct {
		Metrics map[string]struct{ Value float64 }
		Novelty []string
	}
	score := func(args ...string) (a answer) {
		t.Helper()
		r := assay(append([]string{"score", "--featurizer", "none", "--format", "json", "--floor=false"}, args...)...)
		if err := json.Unmarshal([]byte(r.out), &a); err != nil || r.code != 0 {
			t.Fatalf("%v: status %d, %s, %v", args, r.code, r.err, err)
		}
		return a
	}
	const says = "fd rewards copies"
	copied := score("--real", "held.npy", "--fake", "copies.npy", "--train", "train.npy")
	// A thousandth beside rows that are some tenths apart: every one is a near-copy.
	if copied.Metrics["nn_copies"].Value != 1 || copied.Metrics["c_t"].Value > -3 || !strings.Contains(strings.Join(copied.Novelty, " "), says) {
		t.Errorf("copies: %+v", copied)
	}
	held := score("--real", "train.npy", "--fake", "copies.npy", "--holdout", "held.npy")
	if held.Metrics["nn_copies"].Value != 1 || !strings.Contains(strings.Join(held.Novelty, " "), says) {
		t.Errorf("copies beside a hold-out: %+v", held)
	}
	if fresh := score("--real", "held.npy", "--fake", "new.npy", "--train", "train.npy"); strings.Contains(strings.Join(fresh.Novelty, " "), says) || len(fresh.Metrics) != 8 {
		t.Errorf("new samples: %+v; want fd, fd_mean, fd_bias, three values of nn_ratio and two of c_t, and no word of copies", fresh)
	}
	for _, args := range [][]string{
		{"--real", "held.npy", "--fake", "copies.npy"},                                                     // the training set is not known
		{"--real", "held.npy", "--fake", "copies.npy", "--train", "train.npy", "--novelty=false"},          // not wanted
		{"--real", "held.npy", "--fake", "copies.npy", "--train", "train.npy", "--metrics", "fd,auth_pct"}, // looked for already
	} {
		if a := score(args...); len(a.Novelty) > 0 || slices.Contains(keysOf(a.Metrics), "c_t") {
			t.Errorf("%v: %+v", args, a)
		}
	}
	r := assay("score", "--real", "held.npy", "--fake", "copies.npy", "--train", "train.npy", "--featurizer", "none")
	if flat := strings.Join(strings.Fields(r.out), " "); r.code != 0 || !strings.Contains(flat, says) || !strings.Contains(flat, "nn_copies") {
		t.Errorf("terminal: %d %s %s", r.code, r.out, r.err)
	}
	// What was added cannot fail the score: of five fakes no cell is large enough.
	saveRows(t, "few.npy", []int{5, 4}, copies[:20])
	if a := score("--real", "held.npy", "--fake", "few.npy", "--train", "train.npy"); !strings.Contains(strings.Join(a.Novelty, " "), "no c_t beside the score") {
		t.Errorf("few fakes: %+v", a)
	}
}

func keysOf[V any](m map[string]V) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}
