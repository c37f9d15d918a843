package tensorfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
)

// Quotes, line ends within quotes and CRLF, as the standard library reads them.
func TestCSVScanner(t *testing.T) {
	for _, text := range []string{"a,\"b \"\"q\"\"\",c\r\n1,\"x\ny\",\"\"\r\n", "a\n1", "\xef\xbb\xbfa,b\n1,2\n", "\"a,\",b\n,\n"} {
		scanned(t, []byte(text))
	}
}

// scanned compares with encoding/csv where that reads the text too.
func scanned(t *testing.T, data []byte) {
	t.Helper()
	var got [][]string
	s := newCSV(bufio.NewReader(bytes.NewReader(data)), ',')
	for err := error(nil); ; {
		var row []string
		for last := false; !last; row = append(row, string(s.field)) {
			if last, err = s.next(len(row) == 0); err != nil {
				break
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return // refused: encoding/csv may be laxer
		}
		if len(row) > 1 || row[0] != "" || s.quoted { // it skips empty lines
			got = append(got, row)
		}
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord = -1
	want, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%q: encoding/csv: %v", data, err)
	}
	if len(got) != len(want) {
		t.Fatalf("%q: %q, want %q", data, got, want)
	}
	for i := range want {
		// How many carriage returns stand before a line's end inside quotes is the one thing in which they may differ: encoding/csv takes one away.
		if g, w := strings.Join(got[i], "\x00"), strings.Join(want[i], "\x00"); lineEnds.ReplaceAllString(g, "\n") != lineEnds.ReplaceAllString(w, "\n") {
			t.Fatalf("%q: row %d: %q, want %q", data, i, g, w)
		}
	}
}

var lineEnds = regexp.MustCompile(`\r+\n`)

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"name,f0,f1,class\r\n\"a,b\",1,2e-3,x\r\nc,-0,.5,y\r\n", ",a\n0,1\n1,2\n", "1,2\n3,4", "0,1,2,3\n1,2,3,4\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		defer testutil.Bound(t, len(data))()
		x, err := ReadCSV(bytes.NewReader(data), ',', "x")
		if err != nil {
			if !errors.Is(err, ErrArray) || strings.Contains(err.Error(), "\n") {
				t.Fatal(err)
			}
			return
		}
		rows := x.Values.Shape[0]
		if len(x.Values.Raw) != 8*rows*len(x.Columns) || x.Names != nil && len(x.Names) != rows || x.Classes != nil && len(x.Classes) != rows {
			t.Fatal("lengths")
		}
		scanned(t, data)
	})
}

// Fields stay as they are written, but for blanks; rows know their lines; what follows an empty line is refused.
func TestWords(t *testing.T) {
	w, err := ReadWords(strings.NewReader("a, b\r\n \"x,\n\"\"y\"\"\",2\nz,\n\n"), ',', "t")
	if err == nil || !strings.Contains(err.Error(), "quotation mark in the middle") { // a blank before a quote is part of the field
		t.Errorf("%v, %v", w, err)
	}
	w, err = ReadWords(strings.NewReader("a, b\r\n\"x,\n\"\"y\"\"\",2\nz,\n\n"), ',', "t")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&Words{Columns: []string{"a", "b"}, Rows: [][]string{{"x,\n\"y\"", "2"}, {"z", ""}}, Lines: []int{2, 4}}, w); d != "" {
		t.Error(d)
	}
	for text, want := range map[string]string{"a,b\n1,2\n\n3,4\n": "line 3: empty", "a,b\n": "no rows", "a,b\n1\n": "1 fields", "a,b\n1,2,3\n": "more than the 2", "a,a\n1,2\n": "two columns", "": "the file is empty"} {
		if _, err := ReadWords(strings.NewReader(text), ',', "t"); !errors.Is(err, ErrArray) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
