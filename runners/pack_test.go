package runners

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// Every cell of every suite that ships is the same on the other side: no field of a cell is forgotten.
func TestPackedCellsAreTheSame(t *testing.T) {
	kit, n := DefaultKit(), 0
	for _, name := range Suites() {
		cfg, err := OpenSuite(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewPlan(kit, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Cells {
			text, err := c.Pack()
			if err != nil {
				t.Fatal(err)
			}
			got, err := kit.Unpack(text)
			if err != nil {
				t.Fatalf("suite %s, %s: %v", name, c.Title(), err)
			}
			if !sameCell(got, c) {
				t.Fatalf("suite %s, %s: \ngot  %+v\nwant %+v", name, c.Title(), got, c)
			}
			n++
		}
	}
	if n < 100 {
		t.Errorf("only %d cells were packed", n)
	}
}

// sameCell takes nil and empty for the same, as JSON does, and leaves out what is the plan's.
func sameCell(a, b Cell) bool {
	for _, c := range []*Cell{&a, &b} {
		c.Study, c.choice = nil, SelectChoice{} // of the plan
		if len(c.Data.Params) == 0 {
			c.Data.Params = nil
		}
		for i := range c.Metrics {
			if len(c.Metrics[i].Options) == 0 {
				c.Metrics[i].Options = nil
			}
		}
	}
	return reflect.DeepEqual(a, b)
}

func TestUnpackBelievesNothing(t *testing.T) {
	c := mustPlan(t, ring+"floor: false\nseeds: [1]\nmodels: [quick]\n").Cells[0]
	text, err := c.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fakeKit().Unpack(text); err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ old, new, want string }{
		{`"hash":"` + c.Hash, `"hash":"../../../etc/x`, "it was changed"},
		{`"seed":1,"samples"`, `"seed":2,"samples"`, "it was changed"},
		{`"model":"quick"`, `"model":"quack"`, "unknown model"},
		{`"dataset":"ring"`, `"dataset":"/etc/passwd"`, "unknown data set"},
		{`"steps":"40"`, `"steps":"-1"`, "steps"},
		{`"steps":"40"`, `"steps":"40","wheels":"4"`, "wheels"},
		{`"clip":"0.01",`, ``, "not all there"},
		{`"id":"gap"`, `"id":"gape"`, "unknown metric"},
		{`{"hash"`, `{"shell":"rm","hash"`, "unknown field"},
		{`"cell":{`, `"yardstick":"quick","cell":{`, "yardstick"},
	} {
		bad := strings.Replace(string(text), change.old, change.new, 1)
		if bad == string(text) {
			t.Fatalf("nothing is replaced: %s in %s", change.old, text)
		}
		if _, err := fakeKit().Unpack([]byte(bad)); err == nil || !strings.Contains(err.Error(), change.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", change.new, err, change.want)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	kit := fakeKit()
	cfg, err := ParseConfig("x.yaml", []byte(ring+"models: [quick, cond]\n"))
	if err != nil {
		f.Fatal(err)
	}
	p, err := NewPlan(kit, cfg)
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range p.Cells {
		text, err := c.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := kit.Unpack(text)
		if err != nil {
			return
		}
		if len(c.Hash) != 20 || strings.Trim(c.Hash, "0123456789abcdef") != "" {
			t.Errorf("hash %q", c.Hash)
		}
		if _, err := json.Marshal(c); err != nil {
			t.Error(err)
		}
	})
}

// An executor elsewhere comes to the same records, artifacts included, and from the saved state of another one.
func TestExecutorAgreesWithTheRun(t *testing.T) {
	p := mustPlan(t, ring+"seeds: [1]\nmodels: [quick, cond]\n")
	dir := t.TempDir()
	s := mustRun(t, p, Options{Dir: dir})
	x, err := NewExecutor(fakeKit(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	at := 0
	for _, c := range p.Cells {
		text, err := c.Pack()
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.Unpack(text)
		if err != nil {
			t.Fatal(err)
		}
		res, err := x.Do(context.Background(), got)
		if err != nil {
			t.Fatal(err)
		}
		want := s.Records[at : at+len(res.Records)]
		if at += len(want); !sameButCost(want, res.Records) {
			t.Errorf("%s differs: %+v, want %+v", c.Title(), res.Records, want)
		}
		if len(res.Files) == 0 {
			t.Errorf("%s has no artifacts", c.Title())
		}
		if err := x.Drop(c); err != nil {
			t.Error(err)
		}
	}
	if at != len(s.Records) {
		t.Errorf("%d of %d records", at, len(s.Records))
	}
}
