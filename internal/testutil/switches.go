package testutil

import (
	"os"
	"path/filepath"
	"testing"
)

// UpdateGolden says whether golden files are to be written again instead of compared: UPDATE_GOLDEN=1.
func UpdateGolden() bool { return on("UPDATE_GOLDEN") }

// Long says whether tests that take many minutes run: ASSAY_LONG=1.
func Long() bool { return on("ASSAY_LONG") }

func on(name string) bool {
	v := os.Getenv(name)
	return v != "" && v != "0"
}

// DataDir is the folder that holds the data files of the given names: ASSAY_DATA, or shared/data beside the checkout. A test that needs them is skipped, with the
// way to give them, where one is missing.
func DataDir(t testing.TB, names ...string) string {
	t.Helper()
	dir := findData()
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); dir == "" || err != nil {
			t.Skipf("no %s: set ASSAY_DATA to a folder that holds it", name)
		}
	}
	return dir
}

// findData looks above the folder of the test, because packages lie at different depths.
func findData() string {
	if dir := os.Getenv("ASSAY_DATA"); dir != "" {
		return dir
	}
	at, err := os.Getwd()
	for ; err == nil && at != filepath.Dir(at); at = filepath.Dir(at) {
		if dir := filepath.Join(at, "shared", "data"); isDir(dir) {
			return dir
		}
	}
	return ""
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
