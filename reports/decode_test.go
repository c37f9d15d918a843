package reports

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/seal"
	"github.com/assay-gan/assay/rng"
)

// recordedLines are lines of real runs, without checksums.
func recordedLines(t testing.TB) [][]byte {
	t.Helper()
	var lines [][]byte
	for _, path := range []string{"../testdata/records/bench.jsonl", "../testdata/records/study.jsonl", "../docs/results/default.jsonl"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
		for i := 0; i < len(all); i += 1 + len(all)/60 {
			body, _, err := seal.Open(all[i]) // as readers do, before they decode
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, body)
		}
	}
	return append(lines, []byte(`{"cell":"a","model":"m","dataset":"d","seed":18446744073709551615,"step":0,"metric":"fd","value":-1.5e-7,"status":"ok","warnings":["a \u003c b","c"],"cost":{},"provenance":{}}`),
		[]byte(`{"cell":"a","model":"m","dataset":"d","status":"failed","cause":"nan","error":"a \"quoted\" \\ word \ud83d\ude00","warnings":[],"settings":{}}`))
}

// agree holds the fast decoder against package encoding/json: what it takes, it reads as that does, and what it takes is a record.
func agree(t *testing.T, d *decoder, text []byte) (taken bool) {
	t.Helper()
	want, bad := parseAny(text)
	var got Record
	taken = d.record(text, false, &got)
	if !taken {
		return false
	}
	if bad == nil {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-encoding/json +decoder):\n%s", text, diff)
		}
	} else if got.checkKeys() == nil {
		t.Errorf("%s is taken, and encoding/json says %v", text, bad)
	}
	return true
}

// The lines of recorded runs, whole and with one or two bytes changed, read the same by both decoders; and nearly every whole one is read by the fast one.
func TestDecoderAgrees(t *testing.T) {
	r := rng.Stream(1, "decoder")
	d := newDecoder()
	lines := recordedLines(t)
	taken := 0
	odd := []byte(`0123456789-+.eE{}[]:,"\nu` + "\x00\x1f\x7f ")
	for _, l := range lines {
		if agree(t, d, l) {
			taken++
		}
		for range 300 {
			bad := bytes.Clone(l)
			for range 1 + r.IntN(2) {
				bad[r.IntN(len(bad))] = odd[r.IntN(len(odd))]
			}
			agree(t, d, bad)
		}
	}
	if taken < len(lines)-2 {
		t.Errorf("%d of %d lines are read fast", taken, len(lines))
	}
}

// What follows a beginning that was read before is read as it is: lines that share one, in any order, with what may not follow it.
func TestDecoderKeepsBeginnings(t *testing.T) {
	d := newDecoder()
	const a, b, end = `{"cell":"a","model":"m","dataset":"d","seed":1,"step":0,"settings":{"k":"v"},`, `{"cell":"b","model":"m","dataset":"d","seed":2,"step":0,`, `,"status":"ok","cost":{},"provenance":{}}`
	read := 0
	for _, line := range []string{a + `"metric":"fd","value":1` + end, a + `"metric":"is","value":2` + end, b + `"metric":"fd","value":3` + end, a + `"metric":"fd","value":4` + end,
		a + `"metric":"fd","value":4,"cell":"c"` + end, a + `"metric":"fd","metric":"is","value":4` + end, a + `}`, a, a + `"value":5,"metric":"kid"` + end, a + "\"metric\":\"f\td\",\"value\":1" + end,
		`{"metric":"fd","value":6,"cell":"a","model":"m","dataset":"d","seed":1,"step":0` + end, `{"metric":"is","value":7,"cell":"a","model":"m","dataset":"d","seed":1,"step":0` + end} {
		if agree(t, d, []byte(line)) {
			read++
		}
	}
	if read != 7 {
		t.Errorf("%d lines are read fast, want the 7 that are sound", read)
	}
}

// Every byte below the blank is a control character, wherever it stands; none above is.
func TestHasControl(t *testing.T) {
	for c := range 256 {
		for at := range 19 {
			text := bytes.Repeat([]byte{' '}, 19)
			text[at], text[(at+7)%19] = byte(c), 0xff
			if got := hasControl(text); got != (c < ' ') {
				t.Fatalf("byte %#x at %d: %v", c, at, got)
			}
		}
	}
}

// A record with something in every field is read fast: a new field that the decoder does not know would make every line slow.
func TestDecoderKnowsEveryField(t *testing.T) {
	var full Record
	fill(reflect.ValueOf(&full).Elem())
	text, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	var got Record
	if !newDecoder().record(text, false, &got) {
		t.Fatalf("left to encoding/json: %s", text)
	}
	if diff := cmp.Diff(full, got); diff != "" {
		t.Error(diff)
	}
}

// fill puts something into every field.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") == "-" { // no part of a line
				continue
			}
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"k": "v", "l": "w"}))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.String:
		v.SetString("text")
	case reflect.Float64:
		v.SetFloat(.5)
	case reflect.Uint64:
		v.SetUint(7)
	default:
		v.SetInt(3)
	}
}

func FuzzDecoder(f *testing.F) {
	for i, l := range recordedLines(f) {
		if i%40 == 0 {
			f.Add(l)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d := newDecoder()
		if _, err := parseAny(bytes.ToValidUTF8(text, nil)); err == nil {
			agree(t, d, bytes.ToValidUTF8(text, nil))
		}
	})
}

// sealedLines are three cells of two values each, as a run writes them.
func sealedLines(t *testing.T) []string {
	t.Helper()
	var b bytes.Buffer
	for _, c := range []string{"aa", "bb", "cc"} {
		if err := WriteRecords(&b, rec(c, "fd", .5), rec(c, "is", 2)); err != nil {
			t.Fatal(err)
		}
	}
	return strings.SplitAfter(b.String(), "\n")[:6]
}

// Every single flipped bit of a line that WriteRecords wrote is seen, by Read as an error that names the line, by Salvage as damage to that line.
func TestEveryFlippedBitIsSeen(t *testing.T) {
	lines := sealedLines(t)
	for bit := range 8 * (len(lines[2]) - 1) {
		bad := []byte(lines[2])
		bad[bit/8] ^= 1 << (bit % 8)
		text := strings.Join(lines[:2], "") + string(bad) + strings.Join(lines[3:], "")
		if _, _, err := Read(strings.NewReader(text), "x.jsonl"); err == nil || !strings.Contains(err.Error(), "x.jsonl:3: ") {
			t.Fatalf("bit %d: Read says %v", bit, err)
		}
		recs, damage, err := Salvage(strings.NewReader(text), "x.jsonl")
		if err != nil || len(recs) != 5 || len(damage) == 0 || damage[0].Line != 3 {
			t.Fatalf("bit %d: %d records, damage %v, %v", bit, len(recs), damage, err)
		}
	}
}

// A report of a damaged file says so and counts nothing of the cell.
func TestLoadLeavesOutDamagedCells(t *testing.T) {
	lines := sealedLines(t)
	lines[2] = strings.Replace(lines[2], `"value":0.5`, `"value":0.7`, 1)
	path := filepath.Join(t.TempDir(), "x.jsonl")
	load := func() *Run {
		t.Helper()
		if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o644); err != nil {
			t.Fatal(err)
		}
		r, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := load()
	if len(r.Records) != 4 || r.Records[2].Cell != "cc" || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "x.jsonl: line 3 is damaged: its checksum does not match") {
		t.Errorf("%d records, notes %q", len(r.Records), r.Notes)
	}
	lines[2] = strings.Replace(lines[2], `"cell":"bb"`, `"cell":"bx"`, 1) // now its cell is none: those beside it could be
	if r = load(); len(r.Records) != 2 || r.Records[0].Cell != "cc" || !strings.Contains(r.Notes[0], "both beside it are left out") {
		t.Errorf("%d records, notes %q", len(r.Records), r.Notes)
	}
	lines[2] = lines[2][:40] + "\n" // cut
	if r = load(); len(r.Notes) != 1 || len(r.Records) != 2 {
		t.Errorf("cut: %d records, notes %q", len(r.Records), r.Notes)
	}
}

// Another program may write the lines anew; it is told what to do about the checksum.
func TestRewrittenLine(t *testing.T) {
	text := strings.ReplaceAll(sealedLines(t)[0], `":`, `": `)
	if _, _, err := Read(strings.NewReader(text), "x"); err != nil { // it is the last line and has an end
		if !strings.Contains(err.Error(), "delete its member "+seal.Member) {
			t.Error(err)
		}
		return
	}
	t.Error("a checksum that cannot be checked was passed over")
}

func BenchmarkRead(b *testing.B) {
	text := append(bytes.Join(recordedLines(b), []byte("\n")), '\n')
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, _, err := Salvage(bytes.NewReader(text), "x"); err != nil {
			b.Fatal(err)
		}
	}
}
