//go:build !amd64 && !arm64

package kernel

// machineSets returns the sets this machine can run, best first.
func machineSets() []*set { return []*set{&generic} }
