package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The assembly in the tree is what its generator writes. The same check by hand, or in a Makefile:
//
//	go generate ./internal/kernel && git diff --exit-code internal/kernel
func TestGeneratedAssemblyIsCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the generator, about 10 s of CPU")
	}
	dir := t.TempDir()
	asm, stubs := filepath.Join(dir, "kernel_amd64.s"), filepath.Join(dir, "kernel_amd64.go")
	if out, err := exec.Command("go", "run", "./gen", "-pkg", "kernel", "-out", asm, "-stubs", stubs).CombinedOutput(); err != nil {
		t.Fatalf("generator: %v\n%s", err, out)
	}
	for _, f := range []string{asm, stubs} {
		name := filepath.Base(f)
		if !bytes.Equal(body(t, f), body(t, name)) {
			t.Errorf("%s is not what gen writes: run go generate ./internal/kernel", name)
		}
	}
}

// body is a generated file without its first line, which quotes the command and so the file's path.
func body(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(b, []byte("\n"))
	return rest
}
