package featurizer

import (
	"fmt"
	"strconv"
	"strings"
)

// Spec is a parsed configuration such as pca(64,pixels): a name and its arguments, which are themselves Specs.
type Spec struct {
	Name string
	Args []Spec
}

// maxSpec bounds a specification's length, and with it the depth of nesting.
const maxSpec = 1000

// ParseSpec reads a configuration of the form name or name(arg,arg,...). Names consist of [a-z0-9.-]; blanks are not allowed. The error says
// at which character the text stops making sense.
func ParseSpec(s string) (Spec, error) {
	if len(s) > maxSpec {
		return Spec{}, fmt.Errorf("featurizer of %d characters, at most %d are allowed", len(s), maxSpec)
	}
	spec, rest, err := parseSpec(s)
	if err == nil && rest != "" {
		err = fmt.Errorf("unexpected %q", rest[:1])
	}
	if err != nil {
		return Spec{}, fmt.Errorf("featurizer %q, character %d: %w, want name or name(arg,...)", s, len(s)-len(rest)+1, err)
	}
	return spec, nil
}

func parseSpec(s string) (spec Spec, rest string, err error) {
	n := 0
	for n < len(s) && nameChar(s[n]) {
		n++
	}
	if n == 0 {
		return spec, s, fmt.Errorf("a name is missing")
	}
	spec.Name, rest = s[:n], s[n:]
	if !strings.HasPrefix(rest, "(") {
		return spec, rest, nil
	}
	for sep := byte('('); ; sep = ',' {
		if rest == "" || rest[0] != sep {
			return spec, rest, fmt.Errorf("%q is missing", ")")
		}
		var arg Spec
		if arg, rest, err = parseSpec(rest[1:]); err != nil {
			return spec, rest, err
		}
		spec.Args = append(spec.Args, arg)
		if strings.HasPrefix(rest, ")") {
			return spec, rest[1:], nil
		}
	}
}

func nameChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-'
}

// String is the canonical form, which ParseSpec reads back.
func (s Spec) String() string {
	if len(s.Args) == 0 {
		return s.Name
	}
	args := make([]string, len(s.Args))
	for i, a := range s.Args {
		args[i] = a.String()
	}
	return s.Name + "(" + strings.Join(args, ",") + ")"
}

// args checks the number of arguments.
func (s Spec) args(lo, hi int, usage string) error {
	if len(s.Args) < lo || len(s.Args) > hi {
		return fmt.Errorf("featurizer %s: %d arguments, want %s", s, len(s.Args), usage)
	}
	return nil
}

// integer reads argument i as a whole number of lo..hi.
func (s Spec) integer(i int, what string, lo, hi uint64) (uint64, error) {
	a := s.Args[i].String()
	v, err := strconv.ParseUint(a, 10, 64)
	if err != nil || v < lo || v > hi {
		return 0, fmt.Errorf("featurizer %s: %s is %q, want a whole number from %d to %d", s, what, a, lo, hi)
	}
	return v, nil
}
