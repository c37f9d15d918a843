// Package quote makes text from outside harmless where it goes: names of files, models and data sets, errors of other programs, fields of records. There is
// one function for each kind of place. What is harmless already comes back as it is.
package quote

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Line makes a text fit for one line: runs of white space, line ends among them, become one blank.
func Line(s string) string { return strings.Join(strings.Fields(s), " ") }

// Flat makes a text fit for one line of columns: blanks stay as many as they are, other white space becomes one each.
func Flat(s string) string {
	return Terminal(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, s))
}

// Terminal shows the characters of a text that do something instead of looking like something: control characters, with which a name could retitle a window
// or paint over what was said, those that turn the direction of writing round, and bytes that are no text. Tabs and line ends stay. The form is that
// of JSON strings, so that JSON stays what it was.
func Terminal(s string) string {
	if i := strings.IndexFunc(s, active); i < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r > 0xffff && active(r): // two of JSON's units
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		case r != utf8.RuneError && active(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// active says whether a character acts on a terminal or on its neighbours. A byte that is no text arrives as RuneError, as that character itself does; Terminal
// tells them apart.
func active(r rune) bool {
	switch r {
	case '\n', '\t':
		return false
	case 0x200d, 0xfe0f: // join emoji
		return false
	}
	return r == utf8.RuneError || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// Writer passes text on through Terminal. A character that is cut by the end of a Write is kept until the next one.
// It is safe for concurrent use.
type Writer struct {
	To   io.Writer
	mu   sync.Mutex
	rest []byte
}

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := append(w.rest, p...)
	whole := len(all)
	for i := 1; i < utf8.UTFMax && i <= len(all); i++ {
		if tail := all[len(all)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				whole -= i
			}
			break
		}
	}
	w.rest = append([]byte(nil), all[whole:]...)
	if _, err := io.WriteString(w.To, Terminal(string(all[:whole]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

var markdown = strings.NewReplacer(`\`, `\\`, "|", `\|`, "&", "&amp;", "<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "~", `\~`, "$", `\$`,
	"@", "@<!-- -->", "://", ":<!-- -->//", "www.", "www<!-- -->.")

// Markdown makes a text stand in a line of Markdown as it is: no table is torn, nobody is called by an @, nothing becomes a link, a formula or an element.
func Markdown(s string) string { return markdown.Replace(Terminal(Line(s))) }

var latex = strings.NewReplacer(`\`, `\textbackslash{}`, "&", `\&`, "%", `\%`, "$", `\$`, "#", `\#`, "_", `\_`, "{", `\{`, "}", `\}`, "~", `\textasciitilde{}`, "^", `\textasciicircum{}`,
	"∞", `$\infty$`, "≈", `$\approx$`, "†", `$^\dagger$`, "‡", `$^\ddagger$`, "–", "--", "⅓", "1/3", "≤", `$\le$`, "±", `$\pm$`, "<", `$<$`, ">", `$>$`, "|", `$|$`, "↓", `$\downarrow$`, "↑", `$\uparrow$`, "→", `$\to$`, "✗", `$\times$`, "µ", `$\mu$`, "²", `$^2$`, "×", `$\times$`, "é", `\'e`)

// LaTeX makes a text stand in a line of LaTeX as it is: no character of it is a command.
func LaTeX(s string) string { return latex.Replace(Terminal(Line(s))) }

// CSV makes a field of text that a spreadsheet does not compute: what would begin a formula gets an apostrophe before it. Numbers stay numbers. Commas and
// quotation marks are the CSV writer's affair.
func CSV(s string) string {
	if plain(s) {
		return s
	}
	s = Terminal(Line(s))
	if s == "" || !strings.ContainsRune("=+-@", rune(s[0])) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}

// plain says whether a text is one that CSV surely returns as it is: visible ASCII with single blanks in between that does not begin like a formula. Most are.
func plain(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return s == "" || before != ' ' && !strings.ContainsRune("=+-@", rune(s[0]))
}

// CSVFields is CSV for every field of a line.
func CSVFields(fields []string) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = CSV(f)
	}
	return out
}

// Word makes a text one field of a line whose fields are parted by blanks, as in Go's benchmark text.
func Word(s string) string { return strings.ReplaceAll(Terminal(Line(s)), " ", "_") }

var (
	command  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// GitHub is for the message of a workflow command, which may have lines.
func GitHub(s string) string { return command.Replace(Terminal(s)) }

// GitHubProperty is for the property of a workflow command, such as its title.
func GitHubProperty(s string) string { return property.Replace(Terminal(s)) }

// Shell makes a text one word of a POSIX shell's command line.
func Shell(s string) string {
	plain := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_@%+=:,./-", r))
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
