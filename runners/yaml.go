package runners

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/assay-gan/assay/internal/suggest"
)

// reader walks the nodes of one YAML file. It is stricter than the YAML library: an unknown or repeated key, an alias, a null, a second document and a
// number in any writing but plain decimal (010 would be eight) are errors that name the line.
type reader struct {
	file  string
	needs string // what the document's mapping needs, for messages
}

// errAt is an error at a line of the file.
func (r reader) errAt(line int, format string, a ...any) error {
	return fmt.Errorf("%s: line %d: %w", r.file, line, fmt.Errorf(format, a...))
}

// document parses the text and returns its one mapping.
func (r reader) document(text []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	var doc, second yaml.Node
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: the file is empty; it needs %s", r.file, r.needs)
		}
		return nil, fmt.Errorf("%s: %s", r.file, strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n", "; "))
	}
	if err := d.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, fmt.Errorf("%s: %s", r.file, strings.TrimPrefix(err.Error(), "yaml: "))
		}
		return nil, r.errAt(second.Line, "a second document; one file is one document")
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, r.errAt(max(doc.Line, 1), "want a mapping with %s", r.needs)
	}
	return doc.Content[0], r.plain(doc.Content[0])
}

// plain refuses anchors, aliases, merge keys and tags anywhere below the node.
func (r reader) plain(n *yaml.Node) error {
	switch {
	case n.Kind == yaml.AliasNode:
		return r.errAt(n.Line, "alias *%s: aliases are not allowed; write the value out", n.Value)
	case n.Anchor != "":
		return r.errAt(n.Line, "anchor &%s: anchors are not allowed; write the value out", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		return r.errAt(n.Line, "tag %s: tags are not allowed", n.Tag)
	}
	for _, c := range n.Content {
		if err := r.plain(c); err != nil {
			return err
		}
	}
	return nil
}

// field is one key a mapping may have and how its value is read.
type field struct {
	key  string
	read func(*yaml.Node) error
}

// mapping reads a mapping with the given keys and no others.
func (r reader) mapping(n *yaml.Node, what string, fields ...field) error {
	if n.Kind != yaml.MappingNode {
		return r.errAt(n.Line, "%s: want a mapping, found %s", what, describe(n))
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if at, ok := seen[k.Value]; ok {
			return r.errAt(k.Line, "%s: key %q is there twice (first in line %d)", what, k.Value, at)
		}
		seen[k.Value] = k.Line
		found := false
		for _, f := range fields {
			if f.key == k.Value {
				found = true
				if err := f.read(v); err != nil {
					return err
				}
			}
		}
		if !found {
			have := make([]string, len(fields))
			for i, f := range fields {
				have[i] = f.key
			}
			return r.errAt(k.Line, "%s: %w", what, suggest.Unknown("key", k.Value, have))
		}
	}
	return nil
}

// list calls each for every element; a single scalar or mapping counts as a list of one.
func (r reader) list(n *yaml.Node, what string, each func(*yaml.Node) error) error {
	if n.Kind != yaml.SequenceNode {
		return each(n)
	}
	if len(n.Content) == 0 {
		return r.errAt(n.Line, "%s: the list is empty", what)
	}
	for _, c := range n.Content {
		if err := each(c); err != nil {
			return err
		}
	}
	return nil
}

func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Tag == "!!null":
		return "nothing"
	}
	return strconv.Quote(n.Value)
}

var (
	plainInt    = regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*)$`)
	plainNumber = regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	oddNumber   = regexp.MustCompile(`^[+-]?(0[0-9_]+|0[xXoObB][0-9a-fA-F_]+|[0-9][0-9_]*_[0-9_]*)(\.[0-9]*)?$`)
)

// word reads a scalar as text; null and numbers written in another base are refused.
func (r reader) word(n *yaml.Node, what string) (string, error) {
	if n.Kind != yaml.ScalarNode {
		return "", r.errAt(n.Line, "%s: want one value, found %s", what, describe(n))
	}
	if n.Tag == "!!null" || n.Value == "" {
		return "", r.errAt(n.Line, "%s: the value is missing; write it or remove the key", what)
	}
	if n.Style == 0 && oddNumber.MatchString(n.Value) {
		return "", r.errAt(n.Line, "%s: %s is not a plain decimal number (YAML reads 010 as eight); write it without leading zeros, prefixes or underscores", what, n.Value)
	}
	return n.Value, nil
}

// integer reads a whole number of at least lo.
func (r reader) integer(n *yaml.Node, what string, lo int64) (int64, error) {
	w, err := r.word(n, what)
	if err != nil {
		return 0, err
	}
	v, err := strconv.ParseInt(w, 10, 64)
	if !plainInt.MatchString(w) || err != nil {
		return 0, r.errAt(n.Line, "%s: want a whole number, found %q", what, w)
	}
	if v < lo || v > math.MaxInt32 && lo > 0 {
		return 0, r.errAt(n.Line, "%s: %d is not allowed; want at least %d", what, v, lo)
	}
	return v, nil
}

// number reads a finite decimal number.
func (r reader) number(n *yaml.Node, what string) (float64, error) {
	w, err := r.word(n, what)
	if err != nil {
		return 0, err
	}
	v, err := strconv.ParseFloat(w, 64)
	if !plainNumber.MatchString(w) || err != nil {
		return 0, r.errAt(n.Line, "%s: want a number, found %q", what, w)
	}
	return v, nil
}

// boolean reads true or false.
func (r reader) boolean(n *yaml.Node, what string) (bool, error) {
	w, err := r.word(n, what)
	if err == nil && w != "true" && w != "false" {
		err = r.errAt(n.Line, "%s: want true or false, found %q", what, w)
	}
	return w == "true", err
}

// pairs reads a mapping of free keys; repeated keys are errors.
func (r reader) pairs(n *yaml.Node, what string, each func(key string, line int, v *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return r.errAt(n.Line, "%s: want a mapping, found %s", what, describe(n))
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if at, ok := seen[k.Value]; ok {
			return r.errAt(k.Line, "%s: key %q is there twice (first in line %d)", what, k.Value, at)
		}
		seen[k.Value] = k.Line
		if err := each(k.Value, k.Line, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}
