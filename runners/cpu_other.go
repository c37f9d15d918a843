//go:build !unix

package runners

// cpuSeconds is not known here.
func cpuSeconds() float64 { return 0 }
