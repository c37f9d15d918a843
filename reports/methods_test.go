package reports

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMethodsSayHowTheRunWasMade(t *testing.T) {
	recs := rivals()
	for i := range recs {
		recs[i].NReal, recs[i].Featurizer = 400, "glyphnet"
		recs[i].Convention = map[string]string{"ddof": "1", "share": "0.3333333333333333", "condition": recs[i].Cell} // the last is of each value
		recs[i].Provenance = Provenance{Version: "v1.2", Kernel: "avx2", CPU: "A Processor"}
	}
	got := methods(recs, nil, 0)
	// 36 runs of 1 to 6 + 1 s: 6 (2+3+4+5+6+7) = 162 s, less the two failures of 6 and 7 s that noted none.
	for _, want := range []string{"We trained 3 models (a, b and c) on one and two, 36 runs in all, with seeds 1 to 6.", "Each run ended after 100 steps.", "Each was scored by 500 samples against 400 real samples.",
		"FD, Precision, Recall (features of glyphnet, ddof 1, share 0.3333)", "at 95 % (below six runs their range)", "2 runs of 36 failed and count as the worst value", "Assay v1.2, kernels avx2, on A Processor; 2 min 29 s of processor time in all."} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "condition") || strings.Contains(got, Real) && !strings.Contains(got, "real samples") {
		t.Errorf("what differs between values is stated as shared:\n%s", got)
	}
	if text := methods(nil, nil, 0); text != "" {
		t.Errorf("of nothing: %s", text)
	}
}

// Nothing was trained for samples that came from elsewhere, and the paragraph does not say so.
func TestMethodsOfSamplesMadeElsewhere(t *testing.T) {
	mine := Record{Cell: "m", Model: "mine", Dataset: "toy", Seed: 1, Metric: "fd", Value: 1, Better: Lower, Status: OK, N: 500}
	if got := methods([]Record{mine}, nil, 0); !strings.HasPrefix(got, "We scored samples of 1 model made elsewhere (mine) on toy, 1 run in all") {
		t.Errorf("alone: %s", got)
	}
	ours := mine
	ours.Cell, ours.Model, ours.Step, ours.Settings = "o", "vae", 100, map[string]string{"lr": "0.001"}
	if got := methods([]Record{mine, ours}, nil, 0); !strings.HasPrefix(got, "We trained 1 model (vae) and scored samples of 1 model made elsewhere (mine) on toy, 2 runs in all") {
		t.Errorf("beside a trained one: %s", got)
	}
}

func TestSettingsAreSpelledOut(t *testing.T) {
	recs := rivals()
	for i := range recs {
		recs[i].Settings = map[string]string{"lr_g": "0.001", "width": "64"}
		if recs[i].Model == "b" && recs[i].Dataset == "two" {
			recs[i].Settings = map[string]string{"lr_g": "0.002", "width": "64"}
		}
		if recs[i].Model == "c" {
			recs[i].Settings = map[string]string{"lr_g": []string{"", "1e-4", "2e-4", "3e-4", "4e-4", "5e-4", "6e-4"}[recs[i].Seed]}
		}
	}
	var got []string
	for _, row := range settingsTable(recs).Rows {
		got = append(got, row.Cells[0].Text+"|"+row.Cells[1].Text+"|"+row.Cells[2].Text+"|"+row.Cells[3].Text)
	}
	want := []string{"a|one, two|12|lr_g 0.001, width 64", "b|one|6|lr_g 0.001, width 64", "b|two|6|lr_g 0.002, width 64", "c|one, two|12|lr_g 1e-4 to 6e-4 (6 values)"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCommandsAreNoted(t *testing.T) {
	dir := t.TempDir()
	if c, err := ReadCommands(dir); len(c) != 0 || err != nil {
		t.Fatalf("a folder without: %v, %v", c, err)
	}
	at := time.Date(2026, 3, 1, 12, 30, 15, 99, time.FixedZone("", 3600))
	for _, text := range []string{"assay bench s --queue nats://user:secret@host:4222", "assay bench s\n::error::x"} {
		if err := NoteCommand(dir, Command{Time: at, Command: text, Version: "v1"}); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Hour)
	}
	c, err := ReadCommands(dir)
	if err != nil || len(c) != 2 || c[0].Command != "assay bench s --queue nats://…@host:4222" || c[0].Time.String() != "2026-03-01 11:30:15 +0000 UTC" || strings.Contains(c[1].Command, "\n") {
		t.Fatalf("%v, %v", c, err)
	}
	run := NewRun("x", rivals())
	run.Commands = c
	text := ""
	for _, row := range howTable(run).Rows {
		text += row.Cells[0].Text + ": " + row.Cells[1].Text + "\n"
	}
	for _, want := range []string{"begun: 2026-03-01 11:30 UTC by: assay bench s --queue nats://…@host:4222\n", "gone on: 2026-03-01 12:30 UTC", "seeds: 1 to 6\n", "cells: 36\n", "processor time: 2 min 29 s of one core in all\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, CommandsFile), []byte("{\"command\":\"a\"}\n{torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	if c, err := ReadCommands(dir); len(c) != 1 || err == nil || !strings.Contains(err.Error(), "commands.jsonl: line 2") {
		t.Errorf("a torn line: %v, %v", c, err)
	}
}
