package quote

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestTerminal(t *testing.T) {
	for in, want := range map[string]string{
		"plain é ≈ 漢字 👩‍🚀\tand\n": "plain é ≈ 漢字 👩‍🚀\tand\n",
		"\x1b]0;title\x07":        `\u001b]0;title\u0007`,
		"\u009b31m":               `\u009b31m`, // C1's own introducer
		"\x9b31m":                 `\x9b31m`,   // and as a byte that is no UTF-8
		"gnp.\u202egpj":           `gnp.\u202egpj`,
		"a\rb\x00\x7f":            `a\u000db\u0000\u007f`,
		"\U000e0041":              `\udb40\udc41`, // a tag character: 0xe0041 - 0x10000 = 0xd0041 = 0x340<<10 + 0x41
		"\ufffd":                  "\ufffd",
		"\ufeff\u2028":            `\ufeff\u2028`,
	} {
		if got := Terminal(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	const name = "a\u009b\u202e\U000e0041\u007fb" // what JSON leaves as it is comes back from what is shown
	text, err := json.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	var back string
	if err := json.Unmarshal([]byte(Terminal(string(text))), &back); err != nil || back != name {
		t.Errorf("%q, %v", back, err)
	}
}

func TestWriter(t *testing.T) {
	const text = "é\x1b[31m漢👩\u202e\n"
	for size := 1; size <= len(text); size++ { // whatever the pieces
		var b bytes.Buffer
		w := &Writer{To: &b}
		for lo := 0; lo < len(text); lo += size {
			if n, err := w.Write([]byte(text[lo:min(lo+size, len(text))])); n == 0 || err != nil {
				t.Fatal(n, err)
			}
		}
		if b.String() != Terminal(text) {
			t.Errorf("in pieces of %d: %q", size, b.String())
		}
	}
}

func TestCSV(t *testing.T) {
	for in, want := range map[string]string{
		"=1+2": "'=1+2", "@SUM(A1)": "'@SUM(A1)", "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "-2+3": "'-2+3", "\t=1": "'=1", "\r\n=1": "'=1",
		"-2.5": "-2.5", "+1e-3": "+1e-3", "-inf": "-inf", "wgan": "wgan", "": "", "a=b": "a=b",
	} {
		if got := CSV(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// What CSV takes for plain at a glance is what it would return anyway.
func TestPlainIsWhatItIs(t *testing.T) {
	for _, c := range []string{"", "a", "a b", " a", "a ", "a  b", "=1", "-1", "-x", "+", "@a", "a=b", "1e-5", "a\tb", "a\nb", "é", "a\x7f", "~", "!", "\x00", "a\u00a0b", "\xff"} {
		slow := Terminal(Line(c))
		if plain(c) && slow != c {
			t.Errorf("%q is no plain text: it becomes %q", c, slow)
		}
		if plain(c) != (c == "" || slow == c && CSV(c) == c && c[0] != '-' && c[0] >= ' ' && !strings.ContainsAny(c, "é")) {
			t.Errorf("%q: plain is %v", c, plain(c))
		}
	}
}

func TestMarkups(t *testing.T) {
	const in = "<b>|*x*_y_`z`[l](http://e.e)@all ~~s~~ $m$ &lt; www.e.e"
	if got, want := Markdown(in), "&lt;b&gt;\\|\\*x\\*\\_y\\_\\`z\\`\\[l\\](http:<!-- -->//e.e)@<!-- -->all \\~\\~s\\~\\~ \\$m\\$ &amp;lt; www<!-- -->.e.e"; got != want {
		t.Errorf("Markdown: %s", got)
	}
	if got, want := LaTeX("\\input{/etc/passwd}%\n$x^2$ &#_~"), `\textbackslash{}input\{/etc/passwd\}\% \$x\textasciicircum{}2\$ \&\#\_\textasciitilde{}`; got != want {
		t.Errorf("LaTeX: %s", got)
	}
	if got, want := GitHub("a\n::error::b%0A"), "a%0A::error::b%250A"; got != want {
		t.Errorf("GitHub: %s", got)
	}
	if got, want := GitHubProperty("a,b:c"), "a%2Cb%3Ac"; got != want {
		t.Errorf("property: %s", got)
	}
	if got, want := Word("a b\n\x1b"), `a_b_\u001b`; got != want {
		t.Errorf("word: %s", got)
	}
}

// Nothing active passes, whatever the text.
func FuzzTerminal(f *testing.F) {
	for _, s := range []string{"", "a", "\x1b[2J", "\x9b", "\xf0\x9f", "\ufffd\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, quoted := range []string{Terminal(s), Markdown(s), LaTeX(s), CSV(s), Word(s), GitHub(s), GitHubProperty(s)} {
			if !utf8.ValidString(quoted) {
				t.Errorf("%q becomes %q", s, quoted)
			}
			for _, r := range quoted {
				if unicode.IsControl(r) && r != '\n' && r != '\t' {
					t.Errorf("%q becomes %q", s, quoted)
				}
			}
		}
		if again := Terminal(Terminal(s)); again != Terminal(s) {
			t.Errorf("%q changes twice", s)
		}
		if cell := CSV(s); cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
			if _, _, err := big.ParseFloat(cell, 0, 60, 0); err != nil && !strings.Contains(strings.ToLower(cell), "n") {
				t.Errorf("%q may be a formula", s)
			}
		}
	})
}

func TestShell(t *testing.T) {
	for text, want := range map[string]string{"runs/a-1_b.c": "runs/a-1_b.c", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "é": "'é'"} {
		if got := Shell(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
