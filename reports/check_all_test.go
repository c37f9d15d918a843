package reports

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Every text of a record is UTF-8 and every count is 0 or more: a field that is added later and not checked fails here.
func TestNoFieldIsUnchecked(t *testing.T) {
	whole := func() Record {
		r := rec("a", "fd", 1)
		r.Interval, r.Warnings = &Interval{Lo: 0.5, Hi: 2, Level: 0.95, Method: "bootstrap"}, []string{"w"}
		r.Settings, r.Convention = map[string]string{"k": "v"}, map[string]string{"k": "v"}
		r.Study = []Draw{{Phase: "wide", Number: 1, Of: "best", From: "wide", Rung: 1, Stop: "median"}}
		r.Alarms = []Alarm{{Kind: AlarmCollapse, Step: 2, Since: 1, Ended: 3, Text: "w"}}
		return r
	}
	if err := (whole()).Check(); err != nil {
		t.Fatal(err)
	}
	tried := 0
	var walk func(path string, pick func(*Record) reflect.Value)
	walk = func(path string, pick func(*Record) reflect.Value) {
		r := whole()
		v := pick(&r)
		switch v.Kind() {
		case reflect.Pointer:
			walk(path, func(r *Record) reflect.Value { return pick(r).Elem() })
			return
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).Tag.Get("json") == "-" { // no part of a line
					continue
				}
				walk(path+"."+v.Type().Field(i).Name, func(r *Record) reflect.Value { return pick(r).Field(i) })
			}
			return
		case reflect.Slice:
			walk(path+"[0]", func(r *Record) reflect.Value { return pick(r).Index(0) })
			return
		case reflect.Map:
			v.SetMapIndex(reflect.ValueOf("k"), reflect.ValueOf("\xff"))
		case reflect.String:
			v.SetString("\xff")
		case reflect.Int, reflect.Int64:
			v.SetInt(-1)
		case reflect.Float64:
			if slices.Contains([]string{".Value", ".Interval.Lo", ".Interval.Hi"}, path) {
				return // may be below 0
			}
			v.SetFloat(-1)
		case reflect.Uint64:
			return
		default:
			t.Fatalf("%s is a %v: say what it may hold", path, v.Kind())
		}
		if tried++; r.Check() == nil {
			t.Errorf("record%s = %v passes", path, v)
		}
	}
	walk("", func(r *Record) reflect.Value { return reflect.ValueOf(r).Elem() })
	if tried < 25 {
		t.Errorf("only %d fields", tried)
	}
}

// Files that are read as one run cannot say two things of one measurement; what they both say counts once.
func TestContradictionsBetweenFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, recs ...Record) string {
		path := filepath.Join(dir, name)
		var b strings.Builder
		for _, r := range recs {
			line, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, `{"assay_history":1,"run":"night","date":"2026-01-31T04:00:00Z","record":%s}`+"\n", line)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a := file("a.jsonl", rec("a", "fd", 1), rec("b", "fd", 1))
	same, other := file("same.jsonl", rec("b", "fd", 1), rec("b", "is", 3)), file("other.jsonl", rec("a", "fd", 2))
	h, err := LoadHistory(a, same)
	if err != nil || len(h.Runs) != 1 || len(h.Runs[0].Records) != 3 {
		t.Errorf("%+v, %v: want three records of one run", h, err)
	}
	_, err = LoadHistory(a, other)
	if err == nil || !strings.HasPrefix(err.Error(), other+": ") || !strings.Contains(err.Error(), a) {
		t.Errorf("error: %v", err)
	}
}
