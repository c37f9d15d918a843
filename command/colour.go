package command

import (
	"io"
	"os"
	"regexp"

	"github.com/assay-gan/assay/internal/suggest"
)

// colourWords are what --color may be.
var colourWords = []string{"auto", "always", "never"}

// painter colours the words of verdicts on their way to a terminal. What comes from outside was made harmless before it gets here, so that no name brings colours of its own.
type painter struct {
	to io.Writer
	on bool
}

// verdictWord finds the words where they stand for a verdict: at the head of a line of a screen or a table, and behind "Verdict:".
var verdictWord = regexp.MustCompile(`(?m)(^(?:Verdict: )?)(collapsed|memorised|off-data|dropped|permuted|REGRESSION|FAIL|failed|refuted|imbalanced|repeated|shrunk|noisy|blurred|unclear|inconclusive|open|healthy|PASS|pass|holds)( {2,}| \(|$)`)

// shades are red for what is wrong, yellow for what is doubtful, green for what is well.
var shades = map[string]string{"healthy": "32", "PASS": "32", "pass": "32", "holds": "32", "imbalanced": "33", "repeated": "33", "shrunk": "33", "noisy": "33", "blurred": "33", "unclear": "33",
	"inconclusive": "33", "open": "33"}

// Write implements io.Writer.
func (p *painter) Write(b []byte) (int, error) {
	if !p.on {
		return p.to.Write(b)
	}
	painted := verdictWord.ReplaceAllFunc(b, func(match []byte) []byte {
		m := verdictWord.FindSubmatch(match)
		shade, ok := shades[string(m[2])]
		if !ok {
			shade = "31"
		}
		return []byte(string(m[1]) + "\x1b[" + shade + "m" + string(m[2]) + "\x1b[0m" + string(m[3]))
	})
	if _, err := p.to.Write(painted); err != nil {
		return 0, err
	}
	return len(b), nil
}

// coloured says whether an output gets colours: by the flag or, where that is auto, on a terminal that shows some, unless NO_COLOR is set.
func coloured(flag string, screen bool) (bool, error) {
	switch flag {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return screen && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", nil
	}
	return false, usage(suggest.Unknown("choice of --color", flag, colourWords))
}
