package main

import (
	"embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed python/*.py
var scripts embed.FS

// unpack writes the peers' programs into dir and returns the one to start.
func unpack(dir string) (string, error) {
	files, err := scripts.ReadDir("python")
	if err != nil {
		return "", err
	}
	for _, f := range files {
		b, err := scripts.ReadFile("python/" + f.Name())
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name()), b, 0o644); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "worker.py"), nil
}

// probe prints how many of the wanted packages an interpreter has.
const probe = `import importlib.util as u; print(sum(u.find_spec(n) is not None for n in ("numpy", "scipy", "torch")))`

// environment is the interpreter that make bench-peers sets up, from the root of the repository.
const environment = "bin/peers-env/bin/python"

// findPython returns the interpreter that has most of numpy, scipy and torch, "" if none has any: the one asked for, that of make bench-peers, the first on
// the path, or the system's.
func findPython(asked string) string {
	candidates := []string{environment, "python3", "/usr/bin/python3"}
	if asked != "" {
		candidates = []string{asked}
	}
	best, most := "", "0"
	for _, c := range candidates {
		out, err := exec.Command(c, "-c", probe).Output()
		if n := strings.TrimSpace(string(out)); err == nil && n > most {
			best, most = c, n
		}
	}
	return best
}
