package testutil

import (
	"bytes"
	"io"
	"os"
	"testing"
)

// FreshPage fails the test where a generated file is not what render writes now; remake is the command that makes it anew.
func FreshPage(t *testing.T, file, remake string, render func(io.Writer) error) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := render(&got); err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("%s is stale: %s", file, remake)
	}
}
