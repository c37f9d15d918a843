package threads

import "github.com/assay-gan/assay/internal/kernel"

// Set sets the number of threads that all work together may use, from now on; below 1 means one a core. It may be called at any time.
func Set(n int) { kernel.SetThreads(n) }

// Count returns the number in use.
func Count() int { return kernel.Threads() }
