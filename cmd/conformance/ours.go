package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/assay-gan/assay/command"
	"github.com/assay-gan/assay/runners"
)

// question is one `assay score` whose values stand beside a peer's. Values maps the peer's case and metric to the name of our value.
type question struct {
	peer   string
	args   []string
	values map[key]string
}

type key struct{ Case, Metric string }

// questions lists what is asked of Assay for each peer, in the words a user would type.
func questions(f files) []question {
	var all []question
	images := []string{"--real", f.Real, "--fake", f.Fake, "--weights", f.Weights}
	ask := func(peer, protocol, layer, metrics string, values map[key]string, set ...string) {
		args := append([]string{"--protocol", protocol, "--layer", layer, "--metrics", metrics}, images...)
		for _, s := range set {
			args = append(args, "--set", s)
		}
		all = append(all, question{peer, args, values})
	}
	kid := []string{"kid.subsets=1", fmt.Sprintf("kid.size=%d", f.N)}
	for _, layer := range []string{"64", "192", "2048"} {
		ask("pytorch-fid", "pytorch-fid", layer, "fd", map[key]string{{"pytorch-fid", "fd " + layer}: "fd"})
	}
	for _, layer := range []string{"64", "2048"} {
		of := func(name, metric string) key { return key{name, metric + " " + layer} }
		ask("torch-fidelity", "torch-fidelity", layer, "fd,kid,prdc", map[key]string{of("torch-fidelity", "fd"): "fd", of("torch-fidelity", "kid"): "kid",
			of("torch-fidelity", "precision"): "precision", of("torch-fidelity", "recall"): "recall"}, append(kid, "prdc.k=3", "prdc.compare=le")...)
		ask("clean-fid", "clean-fid", layer, "fd,kid", map[key]string{of("clean-fid", "fd"): "fd", of("clean-fid", "kid"): "kid", of("clean-fid", "kid in float64"): "kid"}, kid...)
		ask("torchmetrics", "torchmetrics", layer, "fd,kid", map[key]string{of("torchmetrics", "fd"): "fd", of("torchmetrics", "kid"): "kid", of("torchmetrics", "kid in float64"): "kid"}, kid...)
	}
	ask("torch-fidelity", "torch-fidelity", "2048", "is", map[key]string{{"torch-fidelity", "is"}: "is", {"torch-fidelity", "is_std"}: "is_std"}, "is.shuffle=false")
	return append(all, tables(f)...)
}

// tables asks for scores of feature tables.
func tables(f files) []question {
	var all []question
	ask := func(featurizer, metrics string, values map[key]string, set ...string) {
		args := []string{"--real", f.X, "--fake", f.Y, "--featurizer", featurizer, "--metrics", metrics}
		for _, s := range set {
			args = append(args, "--set", s)
		}
		all = append(all, question{"features", args, values})
	}
	for _, k := range []string{"3", "5"} {
		values := map[key]string{}
		for _, m := range []string{"precision", "recall", "density", "coverage"} {
			values[key{"prdc", m + " k=" + k}] = m
		}
		ask("none", "prdc", values, "prdc.k="+k)
	}
	ask("none", "fd,kid_full,mmd_rbf,energy,c2st_1nn", map[key]string{{"scipy", "fd"}: "fd", {"scikit-learn", "kid_full"}: "kid_full",
		{"scikit-learn", "mmd_rbf sigma=8"}: "mmd_rbf", {"scipy", "energy"}: "energy", {"scikit-learn", "c2st_1nn"}: "c2st_1nn"}, "mmd_rbf.sigma=8")
	all = append(all, measures(f)...)
	pca := []string{"--real", f.Real, "--fake", f.Fake, "--featurizer", "pca(8,pixels)", "--metrics", "fd"}
	return append(all, question{"features", pca, map[key]string{{"scikit-learn", "fd in pca(8,pixels)"}: "fd"}})
}

// measures asks for those made since density and coverage, of the same tables and images.
func measures(f files) []question {
	var all []question
	ask := func(peer, metrics string, values map[string]string, set ...string) {
		q := question{peer: peer, args: []string{"--real", f.X, "--fake", f.Y, "--featurizer", "none", "--metrics", metrics}, values: map[key]string{}}
		for metric, value := range values {
			q.values[key{peer, metric}] = value
		}
		for _, s := range set {
			q.args = append(q.args, "--set", s)
		}
		all = append(all, q)
	}
	ask("rke-score", "rke", map[string]string{"rke": "rke", "rrke": "rrke"}, "rke.sigma=6", "rke.rows=700")
	ask("vendi-score", "vendi", map[string]string{"vendi q=1": "vendi"})
	ask("vendi-score", "vendi", map[string]string{"vendi q=2": "vendi"}, "vendi.order=2")
	ask("vendi-score", "vendi", map[string]string{"vendi polynomial": "vendi"}, "vendi.kernel=poly")
	for _, k := range []string{"5", "10"} {
		ask("ClippedDensityCoverage", "clipped", map[string]string{"clipped_density k=" + k: "clipped_density", "clipped_coverage k=" + k: "clipped_coverage"}, "clipped.k="+k)
	}
	ask("Probablistic_precision_recall", "p_precision", map[string]string{"p_precision": "p_precision", "p_recall": "p_recall"})
	ask("emergent_asymmetry_pr", "sym_precision", map[string]string{"sym_precision": "sym_precision", "sym_recall": "sym_recall", "comp_precision": "comp_precision"})
	ask("KEN", "ken", map[string]string{"KEN new": "ken", "KEN missing": "ken_missing"}, "ken.sigma=6", "ken.rows=700")
	ask("Rarity-Score", "rarity", map[string]string{"mean in a ball": "rarity", "share in a ball": "rarity_in"})
	ask("dgm-eval", "vendi,kid_full", map[string]string{"vendi": "vendi", "kid": "kid_full"})
	return append(all,
		question{"dgm-eval", []string{"--real", f.X, "--train", f.X, "--fake", f.Y, "--featurizer", "none", "--metrics", "auth_pct"}, map[key]string{{"dgm-eval", "authpct"}: "auth_pct"}},
		question{"pytorchfwd", []string{"--real", filepath.Join(f.Scratch, "cropped-real"), "--fake", filepath.Join(f.Scratch, "cropped-fake"), "--featurizer", "pixels", "--metrics", "fwd"}, map[key]string{{"pytorchfwd", "fwd"}: "fwd"}})
}

// answer runs one question through the command itself.
func (q question) answer(ctx context.Context) (map[key]float64, error) {
	var out, errs bytes.Buffer
	args := append([]string{"score", "--format", "json", "--floor=false", "--quiet", "--cache", "off"}, q.args...)
	if code := command.RunKit(ctx, &out, &errs, args, runners.DefaultKit()); code != 0 {
		return nil, fmt.Errorf("assay %s: exit %d: %s", strings.Join(args, " "), code, strings.TrimSpace(errs.String()))
	}
	var page struct {
		Metrics map[string]struct{ Value *float64 }
	}
	if err := json.Unmarshal(out.Bytes(), &page); err != nil {
		return nil, fmt.Errorf("assay %s: %w", strings.Join(args, " "), err)
	}
	got := map[key]float64{}
	for k, name := range q.values {
		m, ok := page.Metrics[name]
		if !ok || m.Value == nil {
			return nil, fmt.Errorf("assay %s: no value %s", strings.Join(args, " "), name)
		}
		got[k] = *m.Value
	}
	return got, nil
}
