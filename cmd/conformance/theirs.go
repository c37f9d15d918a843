package main

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed python/*.py
var scripts embed.FS

// line is what a peer's program prints: the versions of what ran, a value, or a file that it wrote.
type line struct {
	Versions map[string]string `json:"versions"`
	Case     string            `json:"case"`
	Metric   string            `json:"metric"`
	Value    *float64          `json:"value"`

	File   string `json:"file"` // below the folder of images
	Kind   string `json:"kind"`
	Resize string `json:"resize"`
	Height int    `json:"height"`
	Width  int    `json:"width"`
	Want   string `json:"want"`
}

func unpack(dir string) error {
	list, err := scripts.ReadDir("python")
	if err != nil {
		return err
	}
	for _, f := range list {
		b, err := scripts.ReadFile("python/" + f.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name()), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// missing says why a peer cannot run, "" if it can.
func (p peer) missing(ctx context.Context, python, authors string) string {
	if p.file != "" {
		if _, err := os.Stat(filepath.Join(authors, p.file)); err != nil {
			return "no " + p.file + " below " + authors
		}
	}
	if out, err := exec.CommandContext(ctx, python, "-c", "import "+p.needs).CombinedOutput(); err != nil {
		text := strings.TrimSpace(string(out))
		if text == "" {
			text = err.Error()
		}
		return text[strings.LastIndex(text, "\n")+1:]
	}
	return ""
}

func (p peer) run(ctx context.Context, python, dir string, f files) ([]line, error) {
	f.Peer = p.name
	job, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, python, filepath.Join(dir, p.script), string(job))
	cmd.Env = append(os.Environ(), "CUDA_VISIBLE_DEVICES=", "PYTHONDONTWRITEBYTECODE=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", p.name, err, errs.String())
	}
	var lines []line
	for s := bufio.NewScanner(&out); s.Scan(); {
		if !strings.HasPrefix(s.Text(), "{") {
			continue // progress of the peer
		}
		var l line
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", p.name, s.Text(), err)
		}
		lines = append(lines, l)
	}
	return lines, nil
}
