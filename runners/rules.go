package runners

import (
	"fmt"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/reports/gate"
)

// ReadRules reads the rules of a gate from a YAML file: a list "rules" of mappings with the keys measure, model, dataset (names or patterns with * and ?),
// margin, direction, min_seeds and equal. Unknown or repeated keys and impossible values are errors that name the line; names are checked against the baseline
// by gate.Decide.
func ReadRules(path string) ([]gate.Rule, error) {
	text, err := inputfile.Read(path, maxCell)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return ParseRules(filepath.Base(path), text)
}

// ParseRules reads rules from text; file names it in messages.
func ParseRules(file string, text []byte) ([]gate.Rule, error) {
	r := reader{file, "a list \"rules\""}
	root, err := r.document(text)
	if err != nil {
		return nil, err
	}
	var rules []gate.Rule
	err = r.mapping(root, "rules file", field{"rules", func(n *yaml.Node) error {
		return r.list(n, "rules", func(n *yaml.Node) error {
			rule, bad := r.rule(n)
			rules = append(rules, rule)
			return bad
		})
	}})
	if err == nil && len(rules) == 0 {
		err = r.errAt(root.Line, "no rules: want a list \"rules\"")
	}
	return rules, err
}

func (r reader) rule(n *yaml.Node) (gate.Rule, error) {
	rule := gate.Rule{File: r.file, Line: n.Line}
	word := func(to *string, key string) field {
		return field{key, func(n *yaml.Node) (err error) { *to, err = r.word(n, key); return }}
	}
	err := r.mapping(n, "rule",
		word(&rule.Measure, "measure"), word(&rule.Model, "model"), word(&rule.Dataset, "dataset"),
		field{"margin", func(n *yaml.Node) error {
			v, err := r.number(n, "margin")
			if err == nil && v < 0 {
				err = r.errAt(n.Line, "margin: %v is not allowed; want a share of at least 0, such as 0.05", v)
			}
			rule.Margin = &v
			return err
		}},
		field{"direction", func(n *yaml.Node) (err error) {
			rule.Direction, err = r.word(n, "direction")
			if err == nil && rule.Direction != "lower" && rule.Direction != "higher" {
				err = r.errAt(n.Line, "direction: want lower or higher, found %q", rule.Direction)
			}
			return err
		}},
		field{"min_seeds", func(n *yaml.Node) error {
			v, err := r.integer(n, "min_seeds", 1)
			rule.MinSeeds = int(v)
			return err
		}},
		field{"equal", func(n *yaml.Node) (err error) { rule.Equal, err = r.boolean(n, "equal"); return }},
	)
	return rule, err
}
