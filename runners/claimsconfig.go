package runners

import (
	"gopkg.in/yaml.v3"

	"github.com/assay-gan/assay/reports"
)

// ClaimChoice is a claim as a suite writes it. It changes no cell: claims may be added and dropped without running anything again, but the run folder notes when.
type ClaimChoice struct {
	Line int
	reports.Claim
}

func (r reader) claim(n *yaml.Node, c *Config) error {
	cl := ClaimChoice{Line: n.Line, Claim: reports.Claim{Share: 1}}
	word := func(key string, to *string) field {
		return field{key, func(n *yaml.Node) (err error) { *to, err = r.word(n, key); return }}
	}
	names := func(key string, to *[]string) field {
		return field{key, func(n *yaml.Node) error {
			return r.list(n, key, func(n *yaml.Node) error {
				w, err := r.word(n, key)
				*to = append(*to, w)
				return err
			})
		}}
	}
	limit := func(key string, to **float64) field {
		return field{key, func(n *yaml.Node) error {
			v, err := r.number(n, key)
			*to = &v
			return err
		}}
	}
	err := r.mapping(n, "claims", word("say", &cl.Say), word("source", &cl.Source), word("test", &cl.Test), word("metric", &cl.Metric), word("featurizer", &cl.Featurizer),
		names("datasets", &cl.Datasets), names("models", &cl.Models), names("than", &cl.Than), word("of", &cl.Of), word("against", &cl.Against),
		limit("at_least", &cl.AtLeast), limit("at_most", &cl.AtMost),
		field{"draws", func(n *yaml.Node) error {
			return r.list(n, "draws", func(n *yaml.Node) error {
				k, err := r.count(n, "draws", 1)
				cl.Draws = append(cl.Draws, k)
				return err
			})
		}},
		field{"share", func(n *yaml.Node) (err error) { cl.Share, err = r.number(n, "share"); return }},
		field{"pool", func(n *yaml.Node) (err error) { cl.Pool, err = r.boolean(n, "pool"); return }})
	if err == nil && cl.Check() != nil {
		err = r.errAt(cl.Line, "claims: %w", cl.Check())
	}
	c.Claims = append(c.Claims, cl)
	return err
}
