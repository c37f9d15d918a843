package reports

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strconv"

	"github.com/assay-gan/assay/internal/seal"
)

// decoder reads the lines that WriteRecords writes some ten times as fast as package encoding/json, and knows when it cannot: whatever else a line may hold is
// left to that package, which decides. Neighbouring records share the maps and texts that are the same in both.
type decoder struct {
	lean        bool // reads what Skim does, and goes past the rest
	passed      [fieldCount]shared[struct{}]
	line        line              // that is read
	head        shared[Record]    // the beginning of the last line, up to its metric: the lines of a cell differ behind it
	headSeen    fields            // what stands in it
	texts       map[string]string // of which there are few: names of metrics, models, data sets
	cell        string
	settingsID  string
	settings    shared[map[string]string]
	conventions map[string]*shared[map[string]string] // by metric
	study       shared[[]Draw]
	cost        shared[Cost]
	provenance  shared[Provenance]
}

// shared is the last value of a field, with its text.
type shared[T any] struct {
	text  []byte
	value T
}

func newDecoder() *decoder {
	return &decoder{texts: map[string]string{}, conventions: map[string]*shared[map[string]string]{}}
}

// maxTexts bounds what a decoder keeps.
const maxTexts = 4096

// line is a text on its way through a decoder: what is left of it. odd is set where something comes that the decoder does not know.
type line struct {
	rest []byte
	odd  bool
}

// take goes past a byte that must come.
func (l *line) take(c byte) {
	if !l.next(c) {
		l.odd = true
	}
}

// next goes past a byte if it comes.
func (l *line) next(c byte) bool {
	if len(l.rest) == 0 || l.rest[0] != c {
		return false
	}
	l.rest = l.rest[1:]
	return true
}

// text goes past a string and returns what it holds; with an escape in it, it is decoded.
func (l *line) text() []byte {
	l.take('"')
	for i := 0; !l.odd; i++ {
		at := bytes.IndexByte(l.rest[i:], '"')
		if at < 0 {
			break
		}
		if i += at; i > 0 && l.rest[i-1] == '\\' {
			continue
		}
		t := l.rest[:i]
		l.rest = l.rest[i+1:]
		if bytes.IndexByte(t, '\\') >= 0 {
			return l.unescape(t)
		}
		return t
	}
	l.odd = true
	return nil
}

func (l *line) unescape(t []byte) []byte {
	if bytes.Contains(t, []byte(`\\`)) || bytes.Contains(t, []byte(`\u`)) && bytes.Contains(t, []byte(`\ud`)) {
		l.odd = true // a backslash before the closing quote may be one of two, and half a character is a matter of its own
		return nil
	}
	var s string
	if json.Unmarshal(append(append([]byte{'"'}, t...), '"'), &s) != nil {
		l.odd = true
	}
	return []byte(s)
}

// digits goes past a whole number below 10^18 without sign.
func (l *line) digits() (n uint64) {
	i := 0
	for ; i < len(l.rest) && l.rest[i]-'0' < 10; i++ {
		n = 10*n + uint64(l.rest[i]-'0')
	}
	if i == 0 || i > 18 || i > 1 && l.rest[0] == '0' {
		l.odd = true
	}
	l.rest = l.rest[i:]
	return n
}

func (l *line) whole() int {
	n := l.digits()
	if uint64(int(n)) != n {
		l.odd = true
	}
	return int(n)
}

// number goes past a number of any kind.
func (l *line) number() float64 {
	i := 0
	for i < len(l.rest) && (l.rest[i]-'0' < 10 || l.rest[i] == '.' || l.rest[i] == 'e' || l.rest[i] == '-' || l.rest[i] == '+') {
		i++
	}
	t := l.rest[:i]
	l.rest = l.rest[i:]
	bare := bytes.TrimPrefix(t, []byte("-"))
	// What JSON forbids and ParseFloat takes: a sign of plus, zeros in front, a point at either end.
	if len(bare) == 0 || bare[0] < '0' || bare[0] > '9' || bare[0] == '0' && len(bare) > 1 && bare[1]-'0' < 10 {
		l.odd = true
		return 0
	}
	if at := bytes.IndexByte(bare, '.'); at >= 0 && (at+1 == len(bare) || bare[at+1]-'0' >= 10) {
		l.odd = true
		return 0
	}
	v, err := strconv.ParseFloat(string(t), 64)
	if err != nil {
		l.odd = true
	}
	return v
}

// object goes past an object and calls member before each value.
func (l *line) object(member func(name []byte)) {
	l.take('{')
	if l.next('}') {
		return
	}
	for !l.odd {
		name := l.text()
		l.take(':')
		if l.odd {
			return
		}
		if member(name); l.next('}') {
			return
		}
		l.take(',')
	}
}

// members reads an object whose members have numbers, each of which may be there once: take reads one and says its number, -1 for a name it does not know.
func (l *line) members(take func(name []byte) int) {
	var seen fields
	l.object(func(name []byte) {
		if !seen.first(take(name)) {
			l.odd = true
		}
	})
}

// remembered reads a value, or takes that of last time if its text is the same.
func remembered[T any](l *line, last *shared[T], read func(*line) T) T {
	if last.again(l) {
		return last.value
	}
	from := l.rest
	v := read(l)
	if !l.odd {
		last.keep(from, l, v)
	}
	return v
}

// again goes past the text of a value if it is the same as last time.
func (s *shared[T]) again(l *line) bool {
	if len(s.text) == 0 || !bytes.HasPrefix(l.rest, s.text) {
		return false
	}
	l.rest = l.rest[len(s.text):]
	return true
}

// keep notes what was read between two places of a line.
func (s *shared[T]) keep(from []byte, l *line, v T) {
	s.text, s.value = append(s.text[:0], from[:len(from)-len(l.rest)]...), v
}

// share is a text of which there are few.
func (d *decoder) share(t []byte) string {
	if s, ok := d.texts[string(t)]; ok {
		return s
	}
	s := string(t)
	if len(d.texts) < maxTexts {
		d.texts[s] = s
	}
	return s
}

// repeat is a text that is likely to be the last one.
func repeat(last *string, t []byte) string {
	if *last != string(t) {
		*last = string(t)
	}
	return *last
}

func (d *decoder) pairs(l *line) map[string]string {
	m := make(map[string]string, len(d.settings.value)) // as many as last time: a map that grows is filled twice
	l.object(func(name []byte) {
		key := d.share(name)
		if _, twice := m[key]; twice {
			l.odd = true
		}
		m[key] = d.share(l.text())
	})
	return m
}

// record reads a line of sound UTF-8 into r, with a checksum that was found right or without one. It is false where the line holds something that only package
// encoding/json may judge; r is then of no use.
func (d *decoder) record(text []byte, sealed bool, r *Record) bool {
	l := &d.line
	*l = line{rest: text}
	var seen fields
	if d.head.again(l) {
		*r, seen = d.head.value, d.headSeen
	} else {
		*r = Record{}
		l.take('{')
	}
	if hasControl(l.rest) { // of a head that is known it was asked before
		return false
	}
	for !l.odd {
		if !d.member(text, sealed, r, &seen) {
			return false
		}
		if l.next('}') {
			break
		}
		l.take(',')
	}
	return !l.odd && len(l.rest) == 0 && (seen.has(fieldValue) || r.Status == Failed)
}

// member reads a member of the line into r.
func (d *decoder) member(text []byte, sealed bool, r *Record, seen *fields) bool {
	l := &d.line
	at := len(text) - len(l.rest)
	name := l.text()
	if l.take(':'); l.odd {
		return false
	}
	if sealed && string(name) == seal.Member {
		l.text()
		return true
	}
	f := fieldIndex(name)
	if f == fieldMetric && !bytes.Equal(d.head.text, text[:at]) {
		d.head.text, d.head.value, d.headSeen = append(d.head.text[:0], text[:at]...), *r, *seen
	}
	if !seen.first(f) {
		return false
	}
	if d.lean && isLarge(f) {
		remembered(l, &d.passed[f], (*line).pass)
		return true
	}
	return d.key(l, f, r) || d.found(l, f, r)
}

// isLarge says whether a field is one that Skim does not need.
func isLarge(f int) bool {
	switch f {
	case fieldSettings, fieldInterval, fieldNoInterval, fieldWarnings, fieldConvention, fieldAlarms, fieldProvenance:
		return true
	}
	return false
}

// pass goes past a value of any kind, of a line that is sound.
func (l *line) pass() (none struct{}) {
	depth, quoted := 0, false
	for i := 0; i < len(l.rest); i++ {
		c := l.rest[i]
		switch {
		case quoted:
			if c == '\\' {
				i++
			}
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
			continue
		case c == '}' || c == ']':
			depth--
		}
		switch {
		case depth < 0 || depth == 0 && !quoted && c == ',': // behind a number
			l.rest = l.rest[i:]
			return
		case depth == 0 && !quoted && (c == '"' || c == '}' || c == ']'):
			l.rest = l.rest[i+1:]
			return
		}
	}
	l.odd = true
	return
}

// hasControl says whether a text holds a control character, eight bytes at a time.
func hasControl(text []byte) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		if v := binary.LittleEndian.Uint64(text); (v-' '*ones)&^v&high != 0 { // a byte below ' ' borrows; one with its high bit set is none
			return true
		}
	}
	for _, c := range text {
		if c < ' ' {
			return true
		}
	}
	return false
}

// fields is a set of field numbers.
type fields uint64

// first puts a field into the set, and is false if it was there or is none.
func (f *fields) first(i int) bool {
	if i < 0 || f.has(i) {
		return false
	}
	*f |= 1 << i
	return true
}

func (f fields) has(i int) bool { return f&(1<<i) != 0 }
