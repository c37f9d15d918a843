package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/suggest"
)

// ClaimsFile is the name of the file in a run folder that holds what its suite claims.
const ClaimsFile = "claims.json"

// The tests that decide claims.
const (
	ClaimLower    = "lower"    // the values of every model are lower than those of every model of Than: exact one-sided Mann-Whitney
	ClaimHigher   = "higher"   // they are higher
	ClaimEvery    = "every"    // every run of every model keeps the bound, or a Share of its runs
	ClaimUnbeaten = "unbeaten" // none of the models is better than Than on every data set
	ClaimSimilar  = "similar"  // a Share of the models have a median within the bound's factor of the best one's
	ClaimSpread   = "spread"   // the 5 % to 95 % range of a model's runs, over their median or over the range of Against, keeps the bound
	ClaimBestOf   = "best-of"  // the median best of Draws[0] settings over that of Draws[1], or of Against, keeps the bound
)

// ClaimTests lists the tests that decide claims.
func ClaimTests() []string {
	return []string{ClaimLower, ClaimHigher, ClaimEvery, ClaimUnbeaten, ClaimSimilar, ClaimSpread, ClaimBestOf}
}

// Claim is a statement with the test that decides it, which stands in a suite before the suite is run. See JudgeClaims for how each test decides.
type Claim struct {
	Say        string   `json:"say"`              // the statement, a sentence
	Source     string   `json:"source,omitempty"` // label of who states it
	Test       string   `json:"test"`             // one of ClaimTests
	Metric     string   `json:"metric"`
	Featurizer string   `json:"featurizer,omitempty"` // "" takes what the report prefers, see OneWay
	Datasets   []string `json:"datasets"`
	Models     []string `json:"models"`
	Than       []string `json:"than,omitempty"`    // models to compare with
	Of         string   `json:"of,omitempty"`      // which runs of a study: best or defaults, which were run again, or the name of a phase of its search
	Against    string   `json:"against,omitempty"` // the same of what it is compared with; "" is Of
	Draws      []int    `json:"draws,omitempty"`
	AtLeast    *float64 `json:"at_least,omitempty"`
	AtMost     *float64 `json:"at_most,omitempty"`
	Share      float64  `json:"share"` // of what is counted that must keep it: 1 is all
	Pool       bool     `json:"pool,omitempty"`

	After     int  `json:"after"`               // cells that had ended when the claim was stated; 0 is before anything ran
	Withdrawn *int `json:"withdrawn,omitempty"` // cells that had ended when the suite no longer stated it
}

// Bound is what must be kept, in words: "at most 0.5"; "" for a claim without.
func (c Claim) Bound() string {
	text := ""
	if c.AtLeast != nil {
		text = "at least " + strconv.FormatFloat(*c.AtLeast, 'g', -1, 64)
	}
	if c.AtMost != nil {
		if text != "" {
			text += " and "
		}
		text += "at most " + strconv.FormatFloat(*c.AtMost, 'g', -1, 64)
	}
	return text
}

// Check says in one line what the claim lacks for its test. Names of models, data sets and metrics are not looked at.
func (c Claim) Check() error {
	fail := fmt.Errorf
	for _, k := range []struct{ key, value string }{{"say", c.Say}, {"test", c.Test}, {"metric", c.Metric}} {
		if k.value == "" {
			return fail("key %q is missing", k.key)
		}
	}
	if !slices.Contains(ClaimTests(), c.Test) {
		return fail("test: %w", suggest.Unknown("test", c.Test, ClaimTests()))
	}
	ranks := c.Test == ClaimLower || c.Test == ClaimHigher || c.Test == ClaimUnbeaten
	switch bound := c.Bound(); {
	case ranks && len(c.Than) == 0 && (c.Against == "" || c.Test == ClaimUnbeaten):
		return fail("test %s compares models: give than, such as than: gan-ns", c.Test)
	case c.Test == ClaimUnbeaten && len(c.Than) > 1:
		return fail("test unbeaten is about one model: than has %d", len(c.Than))
	case !ranks && len(c.Than) > 0:
		return fail("than belongs to lower, higher and unbeaten, and the test is %s", c.Test)
	case ranks && bound != "":
		return fail("test %s needs no bound: leave out at_least and at_most", c.Test)
	case !ranks && bound == "":
		return fail("test %s needs a bound: give at_least or at_most", c.Test)
	case c.AtLeast != nil && c.AtMost != nil && *c.AtLeast > *c.AtMost:
		return fail("no value is %s", bound)
	case c.Share <= 0 || c.Share > 1:
		return fail("share: %g is not allowed; want more than 0 and at most 1", c.Share)
	case c.Test == ClaimUnbeaten && c.Share != 1:
		return fail("test unbeaten is about every data set: leave out share")
	case c.Pool && (!ranks || c.Test == ClaimUnbeaten):
		return fail("pool belongs to lower and higher, and the test is %s", c.Test)
	}
	return c.checkDraws()
}

func (c Claim) checkDraws() error {
	fail := fmt.Errorf
	switch best := c.Test == ClaimBestOf; {
	case !best && len(c.Draws) > 0:
		return fail("draws belong to best-of, and the test is %s", c.Test)
	case best && c.Against == "" && len(c.Draws) != 2:
		return fail("test best-of compares two numbers of draws: give draws, such as [50, 5]")
	case best && len(c.Draws) != 1 && len(c.Draws) != 2:
		return fail("test best-of needs one number of draws, or two: give draws, such as 25")
	case c.Against != "" && (c.Test == ClaimEvery || c.Test == ClaimSimilar || c.Test == ClaimUnbeaten):
		return fail("against belongs to lower, higher, spread and best-of, and the test is %s", c.Test)
	}
	return nil
}

// keeps says whether a value keeps the bound.
func (c Claim) keeps(v float64) bool {
	return (c.AtLeast == nil || v >= *c.AtLeast) && (c.AtMost == nil || v <= *c.AtMost)
}

// Stated says when the claim was made, in words, where that was not before the first cell; "" otherwise.
func (c Claim) Stated() string {
	switch {
	case c.Withdrawn != nil:
		return fmt.Sprintf("withdrawn after %s had ended", plural(*c.Withdrawn, "cell", "cells"))
	case c.After > 0:
		return fmt.Sprintf("stated after %s had ended", plural(c.After, "cell", "cells"))
	}
	return ""
}

// claimsDocument is claims.json.
type claimsDocument struct {
	Claims []Claim `json:"claims"`
}

// maxClaims bounds claims.json, in bytes.
const maxClaims = 4 << 20

// ReadClaims reads the claims of a run folder: none, and no error, where it has no such file.
func ReadClaims(dir string) ([]Claim, error) {
	path := filepath.Join(dir, ClaimsFile)
	b, err := inputfile.Read(path, maxClaims)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var doc claimsDocument
	err = json.Unmarshal(b, &doc)
	for _, c := range doc.Claims {
		if err == nil {
			err = c.Check()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: `assay bench` writes it anew", path, err)
	}
	return doc.Claims, nil
}

// MarshalClaims is the text of claims.json.
func MarshalClaims(claims []Claim) ([]byte, error) {
	b, err := json.MarshalIndent(claimsDocument{claims}, "", "  ")
	return append(b, '\n'), err
}
