package runners

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/assay-gan/assay/internal/suggest"
)

// OwnChoice is a model of a suite that the zoo does not have: its samples lie in files, or a program makes them.
type OwnChoice struct {
	Samples string    // path, with {seed}, {dataset} and {step} where these are part of it; "" for a program
	Exec    string    // command line, with {n}, {seed}, {dataset} and {out}; "" for files
	Version string    // of the program: results are kept while it stays; "" keeps none
	Labels  string    // path of the classes, as Samples; "" where the samples themselves tell, or have none
	Groups  string    // path of what says which samples belong together, as Labels; "" where each stands for itself
	Range   []float64 // lowest and highest value of float images; nil where the values must show it
}

// source is the path or the command as written.
func (o *OwnChoice) source() string { return cmp.Or(o.Samples, o.Exec) }

// The placeholders of paths and of command lines.
var (
	pathHoles    = []string{"dataset", "seed", "step"}
	commandHoles = []string{"dataset", "n", "out", "seed"}
)

var hole = regexp.MustCompile(`\{([^{}]*)\}`)

// holds says whether a text has a placeholder.
func holds(text, name string) bool { return strings.Contains(text, "{"+name+"}") }

// filled is a text with the values of its placeholders; a name that is not given stays.
func filled(text string, values map[string]string) string {
	return hole.ReplaceAllStringFunc(text, func(h string) string {
		if v, ok := values[h[1:len(h)-1]]; ok {
			return v
		}
		return h
	})
}

// template reads a text with placeholders.
func (r reader) template(n *yaml.Node, what string, allowed []string) (string, error) {
	w, err := r.word(n, what)
	if err != nil {
		return "", err
	}
	for _, m := range hole.FindAllStringSubmatch(w, -1) {
		if !slices.Contains(allowed, m[1]) {
			return "", r.errAt(n.Line, "%s: %w (each in braces)", what, suggest.Unknown("placeholder", m[1], allowed))
		}
	}
	return w, nil
}

// ownFields are the keys of a model that the zoo does not have.
func (r reader) ownFields(m *ModelChoice) []field {
	own := func() *OwnChoice {
		if m.Own == nil {
			m.Own = &OwnChoice{}
		}
		return m.Own
	}
	return []field{
		{"samples", func(n *yaml.Node) (err error) { own().Samples, err = r.template(n, "samples", pathHoles); return }},
		{"labels", func(n *yaml.Node) (err error) { own().Labels, err = r.template(n, "labels", pathHoles); return }},
		{"groups", func(n *yaml.Node) (err error) { own().Groups, err = r.template(n, "groups", pathHoles); return }},
		{"exec", func(n *yaml.Node) (err error) { own().Exec, err = r.template(n, "exec", commandHoles); return }},
		{"version", func(n *yaml.Node) (err error) { own().Version, err = r.word(n, "version"); return }},
		{"range", func(n *yaml.Node) error {
			err := r.list(n, "range", func(n *yaml.Node) error {
				v, err := r.number(n, "range")
				own().Range = append(own().Range, v)
				return err
			})
			if rg := own().Range; err == nil && (len(rg) != 2 || rg[0] >= rg[1]) {
				err = r.errAt(n.Line, "range: want the lowest and the highest value of float images, such as [0, 1]")
			}
			return err
		}},
	}
}

// checkOwn refuses keys that do not go together.
func (r reader) checkOwn(n *yaml.Node, m *ModelChoice) error {
	own := m.Own
	if own == nil {
		return nil
	}
	var wrong string
	switch {
	case own.source() == "":
		wrong = "labels, groups, version and range belong to samples or exec, and neither is there"
	case m.Name != "" || own.Samples != "" && own.Exec != "":
		wrong = "name (a model of the zoo), samples (files) and exec (a program) exclude one another"
	case m.As == "":
		wrong = fmt.Sprintf("key %q is missing: samples of your own need a name for the records, such as as: mine", "as")
	case m.Preset.Name != "" || m.Settings != nil || len(m.ByKind) > 0 || m.Budget.Amount != 0:
		wrong = fmt.Sprintf("%s: preset, settings, points, images, sequences and budget are of models of the zoo, which are trained here", m.As)
	case own.Version != "" && own.Exec == "":
		wrong = m.As + ": version is a program's; files are known by their contents"
	case own.Labels != "" && own.Samples == "":
		wrong = m.As + ": labels belong to samples; a program writes them beside its samples (array labels of an npz, or class folders)"
	case own.Labels != "" && holds(own.Labels, "step") && !holds(own.Samples, "step"):
		wrong = m.As + ": labels has {step} and samples has none"
	case own.Groups != "" && own.Samples == "":
		wrong = m.As + ": groups belong to samples that lie in files"
	case own.Groups != "" && holds(own.Groups, "step") && !holds(own.Samples, "step"):
		wrong = m.As + ": groups has {step} and samples has none"
	case len(m.Seeds) > 1 && !holds(own.source(), "seed"):
		wrong = fmt.Sprintf("%s: %d seeds, but %q has no {seed}: all would be the same samples", m.As, len(m.Seeds), own.source())
	}
	if wrong != "" {
		return r.errAt(n.Line, "models: %s", wrong)
	}
	m.Name = m.As
	return nil
}
