package runners

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/suggest"
)

//go:embed suites/*.yaml
var suiteFiles embed.FS

// Suites lists the names of the embedded suites.
func Suites() []string {
	files, err := fs.Glob(suiteFiles, "suites/*.yaml")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	slices.Sort(files)
	return files
}

// OpenSuite reads an embedded suite by its name, or a suite file by its path (anything with a slash or the ending .yaml or .yml).
func OpenSuite(name string) (*Config, error) {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		return ReadConfig(name)
	}
	if !slices.Contains(Suites(), name) {
		return nil, fmt.Errorf("%w; a suite of your own is given by its path, such as ./%s.yaml", suggest.Unknown("suite", name, Suites()), name)
	}
	text, err := suiteFiles.ReadFile("suites/" + name + ".yaml")
	if err != nil {
		return nil, err
	}
	return ParseConfig(name+".yaml", text)
}
