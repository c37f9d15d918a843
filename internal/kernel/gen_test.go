package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The assembly in the tree is what its generator writes. The same check by hand, or in a Makefile:
//
//	go generate ./internal/kernel && git diff --exit-code internal/kernel
func TestGeneratedAssemblyIsCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the generator, about 10 s of CPU")
	}
	for _, arch := range []string{"amd64", "arm64"} {
		dir := t.TempDir()
		asm, stubs := filepath.Join(dir, "kernel_"+arch+".s"), filepath.Join(dir, "kernel_"+arch+".go")
		if out, err := exec.Command("go", "run", "./gen", "-arch", arch, "-pkg", "kernel", "-out", asm, "-stubs", stubs).CombinedOutput(); err != nil {
			t.Fatalf("generator: %v\n%s", err, out)
		}
		for _, f := range []string{asm, stubs} {
			name := filepath.Base(f)
			if !bytes.Equal(body(t, f), body(t, name)) {
				t.Errorf("%s is not what gen writes: run go generate ./internal/kernel", name)
			}
		}
	}
}

// NEON's instructions stand in the assembly as numbers, since Go's assembler knows few of them, with their names beside them. Another disassembler reads the numbers and says the same names.
func TestNumbersOfNEONAreWhatTheySay(t *testing.T) {
	const dump = "aarch64-linux-gnu-objdump"
	if _, err := exec.LookPath(dump); err != nil {
		t.Skip("no " + dump + ": apt install binutils-aarch64-linux-gnu")
	}
	text, err := os.ReadFile("kernel_arm64.s")
	if err != nil {
		t.Fatal(err)
	}
	var code []byte
	var names []string
	for _, m := range regexp.MustCompile(`WORD \$0x(\w{8}) // (.*)`).FindAllSubmatch(text, -1) {
		w, bad := strconv.ParseUint(string(m[1]), 16, 32)
		if bad != nil {
			t.Fatal(bad)
		}
		code = append(code, byte(w), byte(w>>8), byte(w>>16), byte(w>>24))
		names = append(names, string(m[2]))
	}
	file := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(file, code, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(dump, "-D", "-b", "binary", "-m", "aarch64", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^ +\w+:\t\w{8} \t(.*)$`).FindAllSubmatch(out, -1)
	if len(names) < 5000 || len(lines) != len(names) {
		t.Fatalf("%d instructions, the disassembler reads %d", len(names), len(lines))
	}
	for i, m := range lines {
		got, _, _ := strings.Cut(string(m[1]), " //")
		got = strings.ReplaceAll(strings.Join(strings.Fields(got), " "), "#0x0", "#0")
		if got != names[i] {
			t.Errorf("instruction %d is %q, its comment says %q", i, got, names[i])
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
