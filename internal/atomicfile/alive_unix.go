//go:build unix

package atomicfile

import (
	"errors"
	"syscall"
)

// alive says whether a process of this number runs, whosever it is.
func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
