package runners

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"

	"github.com/klauspost/cpuid/v2"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/reports"
)

// Provenance says what made a run: the binary, the machine, the kernel set.
type Provenance struct {
	Version string `json:"version"`
	Build   string `json:"build"` // sha256 of the binary, shortened: results of two builds are never mixed in one folder
	Go      string `json:"go"`
	OS      string `json:"os"`
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	Kernel  string `json:"kernel"`
}

// Origin describes this process. version is what the binary calls itself.
func Origin(version string) Provenance {
	cpu := cpuid.CPU.BrandName
	if cpu == "" {
		cpu = runtime.GOARCH
	}
	return Provenance{
		Version: version, Build: build(), Go: runtime.Version(), OS: runtime.GOOS + "/" + runtime.GOARCH,
		CPU: cpu, Cores: runtime.NumCPU(), Kernel: kernel.Name(),
	}
}

// build hashes the running executable, once.
var build = sync.OnceValue(func() string {
	path, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	f, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "unknown"
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
})

// String is one line for the head of a log.
func (p Provenance) String() string {
	return fmt.Sprintf("assay %s, %s, %s, %s (%d cores), kernels %s", p.Version, p.Go, p.OS, p.CPU, p.Cores, p.Kernel)
}

// withFiles adds which image files a set was read from.
func withFiles(p reports.Provenance, set *datasets.Set) reports.Provenance {
	if set != nil && set.Files != nil {
		p.Images, p.Content = set.Files.N, set.Files.Content
	}
	return p
}
