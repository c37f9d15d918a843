package runners

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/suggest"
)

// ColumnKind is what a column of a mixed table holds.
type ColumnKind string

// The kinds of columns.
const (
	Numeric     ColumnKind = "numeric"     // numbers; measured in standard deviations of the real side
	Categorical ColumnKind = "categorical" // words without an order; two different ones are 1 apart, an empty field is a word like others
	Ordinal     ColumnKind = "ordinal"     // words with an order; the first and the last are 1 apart, the steps between are equal
	Ignored     ColumnKind = "ignored"     // no part of a record, such as an identifier
)

var columnKinds = []string{string(Numeric), string(Categorical), string(Ordinal), string(Ignored)}

// Column declares one column of a mixed table.
type Column struct {
	Name   string
	Kind   ColumnKind
	Levels []string // of an ordinal column, from the lowest
}

// Columns declares all columns of a table.
type Columns []Column

// String is the declaration in the form that ParseColumns reads.
func (c Columns) String() string {
	var parts []string
	for _, col := range c {
		text := col.Name + ":" + string(col.Kind)
		if col.Levels != nil {
			text += "=" + strings.Join(col.Levels, "<")
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ",")
}

// Featurizer names the declaration as the space in which its tables are compared: other declarations, other spaces. The order of the columns does not enter.
func (c Columns) Featurizer() string {
	sorted := slices.Clone(c)
	slices.SortFunc(sorted, func(a, b Column) int { return strings.Compare(a.Name, b.Name) })
	sum := sha256.Sum256([]byte(sorted.String()))
	return "columns(" + hex.EncodeToString(sum[:6]) + ")"
}

// ParseColumns reads "age:numeric,job:categorical,grade:ordinal=low<mid<high,id:ignored", or the YAML file of that name (ending .yaml or .yml), a mapping of names to kinds,
// where an ordinal column is a mapping {ordinal: [low, mid, high]}.
func ParseColumns(text string) (Columns, error) {
	if strings.HasSuffix(text, ".yaml") || strings.HasSuffix(text, ".yml") {
		return readColumns(text)
	}
	var out Columns
	for part := range strings.SplitSeq(text, ",") {
		at := strings.LastIndexByte(part, ':')
		if at < 1 {
			return nil, fmt.Errorf("columns %q: want name:kind,name:kind, or a YAML file", part)
		}
		kind, levels, ordered := strings.Cut(strings.TrimSpace(part[at+1:]), "=")
		c := Column{Name: strings.TrimSpace(part[:at]), Kind: ColumnKind(kind)}
		if ordered {
			for l := range strings.SplitSeq(levels, "<") {
				c.Levels = append(c.Levels, strings.TrimSpace(l))
			}
		}
		if err := out.add(c); err != nil {
			return nil, fmt.Errorf("columns: %w", err)
		}
	}
	return out, out.check()
}

func (c *Columns) add(col Column) error {
	switch {
	case !slices.Contains(columnKinds, string(col.Kind)):
		return fmt.Errorf("%s: %w", col.Name, suggest.Unknown("kind", string(col.Kind), columnKinds))
	case slices.ContainsFunc(*c, func(have Column) bool { return have.Name == col.Name }):
		return fmt.Errorf("%s is declared twice", col.Name)
	case (col.Kind == Ordinal) != (col.Levels != nil):
		return fmt.Errorf("%s: an ordinal column, and no other, has its levels: %s:ordinal=low<mid<high", col.Name, col.Name)
	case col.Kind == Ordinal && len(col.Levels) < 2:
		return fmt.Errorf("%s: want at least two levels", col.Name)
	}
	for i, l := range col.Levels {
		if slices.Contains(col.Levels[:i], l) {
			return fmt.Errorf("%s: level %q is there twice", col.Name, l)
		}
	}
	*c = append(*c, col)
	return nil
}

func (c Columns) check() error {
	if !slices.ContainsFunc(c, func(col Column) bool { return col.Kind != Ignored }) {
		return fmt.Errorf("columns: every one is ignored: nothing is left to compare")
	}
	return nil
}

func readColumns(file string) (Columns, error) {
	text, err := inputfile.Read(file, maxSuite)
	if err != nil {
		return nil, err
	}
	return parseColumnsFile(file, text)
}

func parseColumnsFile(file string, text []byte) (out Columns, err error) {
	r := reader{file: file, needs: "name: kind for each column"}
	doc, err := r.document(text)
	if err != nil {
		return nil, err
	}
	err = r.pairs(doc, "columns", func(name string, line int, v *yaml.Node) error {
		c, bad := r.column(name, v)
		if bad != nil {
			return bad
		}
		if bad := out.add(c); bad != nil {
			return r.errAt(line, "%w", bad)
		}
		return nil
	})
	if err == nil {
		err = out.check()
	}
	return out, err
}

// column is a kind, or the levels of an ordinal column.
func (r reader) column(name string, v *yaml.Node) (Column, error) {
	c := Column{Name: name, Kind: Ordinal}
	if v.Kind == yaml.MappingNode {
		err := r.mapping(v, name, field{"ordinal", func(n *yaml.Node) error {
			return r.list(n, "levels", func(n *yaml.Node) error { c.Levels = append(c.Levels, n.Value); return nil })
		}})
		return c, err
	}
	kind, err := r.word(v, name)
	c.Kind = ColumnKind(kind)
	return c, err
}
