package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// tally is how many were tried and how many held.
type tally struct{ Tried, Held int }

// The tables of docs/RELIABILITY.md come from what the laboratory and the fuzzing wrote down.
func TestDocsReliability(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "results", "reliability.json"))
	if err != nil {
		t.Fatal(err)
	}
	var book struct {
		Kinds   []struct{ Name, What string }
		Readers []struct {
			Name  string
			Kinds map[string]tally
		}
		Kills map[string]tally
	}
	if err := json.Unmarshal(text, &book); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString("| reader |")
	rule := "| --- |"
	for _, k := range book.Kinds {
		fmt.Fprintf(&b, " %s |", k.Name)
		rule += " ---: |"
	}
	fmt.Fprintln(&b, "\n"+rule)
	all := tally{}
	for _, r := range book.Readers {
		fmt.Fprintf(&b, "| %s |", r.Name)
		for _, k := range book.Kinds {
			n, cell := r.Kinds[k.Name], ""
			if n.Tried > 0 {
				cell = fmt.Sprintf(" %d / %d", n.Held, n.Tried)
			}
			all.Tried, all.Held = all.Tried+n.Tried, all.Held+n.Held
			fmt.Fprintf(&b, "%s |", cell)
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprintf(&b, "\nIn all %d of %d. The kinds:\n\n", all.Held, all.Tried)
	for _, k := range book.Kinds {
		fmt.Fprintf(&b, "* %s: %s\n", k.Name, k.What)
	}
	splice(t, "docs/RELIABILITY.md", "laboratory", b.String())

	b.Reset()
	b.WriteString("| killed at | times | gone on to the same records |\n| --- | ---: | ---: |\n")
	for _, call := range []string{"fsync", "rename", "write"} {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", call, book.Kills[call].Tried, book.Kills[call].Held)
	}
	splice(t, "docs/RELIABILITY.md", "kills", b.String())
	splice(t, "docs/RELIABILITY.md", "fuzzing", fuzzTable(t))
}

func fuzzTable(t *testing.T) string {
	t.Helper()
	f, err := os.Open(filepath.Join(root, "docs", "results", "fuzz.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b bytes.Buffer
	b.WriteString("| package | target | time | inputs | of them new |\n| --- | --- | ---: | ---: | ---: |\n")
	total, in := 0, bufio.NewScanner(f)
	for in.Scan() {
		var l struct {
			Package, Target     string
			Seconds, Execs, New int
		}
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		total += l.Seconds
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %d |\n", l.Package, l.Target, time.Duration(l.Seconds)*time.Second, l.Execs, l.New)
	}
	fmt.Fprintf(&b, "\nIn all %d minutes.\n", total/60)
	return b.String()
}
