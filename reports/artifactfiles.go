package reports

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
)

// artifactFiles are the names that a file in an artifact folder may have.
func artifactFiles() []string {
	return []string{samplesFile, missingFile, inventFile, textFile, scatterFile, curvesFile, verdictFile, watchFile}
}

// ArtifactFiles returns the files of a cell's artifact folder by their names, as they are, to be taken to another machine. What is not there is left out.
func ArtifactFiles(run, cell string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, name := range artifactFiles() {
		b, err := inputfile.Read(filepath.Join(ArtifactDir(run, cell), name), maxArtifact)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files[name] = b
	}
	return files, nil
}

// CheckArtifactFiles refuses names that no file of an artifact folder has, and files that are too large: what comes from elsewhere never becomes a path unseen.
func CheckArtifactFiles(files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !slices.Contains(artifactFiles(), name) {
			return fmt.Errorf("artifact %.40q is none: there are %v", name, artifactFiles())
		}
		if len(files[name]) > maxArtifact {
			return fmt.Errorf("artifact %s has %d bytes: at most %d are read", name, len(files[name]), maxArtifact)
		}
	}
	return nil
}

// PutArtifacts writes files that ArtifactFiles returned into a cell's artifact folder, each whole or not at all. Errors: what CheckArtifactFiles refuses, of which
// nothing is written; what the disk says.
func PutArtifacts(run, cell string, files map[string][]byte) error {
	if err := CheckArtifactFiles(files); err != nil || len(files) == 0 {
		return err
	}
	dir := ArtifactDir(run, cell)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := atomicfile.WriteBytes(filepath.Join(dir, name), files[name]); err != nil {
			return err
		}
	}
	return nil
}
