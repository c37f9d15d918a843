//go:build !unix

package atomicfile

// alive takes every process for a living one where there is no way to ask.
func alive(int) bool { return true }
