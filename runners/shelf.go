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

// shelf is a folder of YAML files that ship with the program.
type shelf struct {
	files  embed.FS
	folder string
	what   string // one of them, for messages
}

// isPath says that a name is meant as a file of the user's own: anything with a slash or the ending .yaml or .yml.
func isPath(name string) bool {
	return strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// names lists the files without their ending, sorted.
func (s shelf) names() []string {
	files, err := fs.Glob(s.files, s.folder+"/*.yaml")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	slices.Sort(files)
	return files
}

// text is a file by its name; an unknown name is answered with the nearest one and with how files of one's own are given.
func (s shelf) text(name string) ([]byte, error) {
	if have := s.names(); !slices.Contains(have, name) {
		return nil, fmt.Errorf("%w; a %s of your own is given by its path, such as ./%s.yaml", suggest.Unknown(s.what, name, have), s.what, name)
	}
	return s.files.ReadFile(s.folder + "/" + name + ".yaml")
}
