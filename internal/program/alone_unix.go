//go:build unix

package program

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// alone gives a program a process group of its own, so that what it starts ends with it, and an interrupt of the terminal reaches it through us.
func alone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// closeInherited keeps the descriptors that this process was started with from its children. Those it opened itself are kept from them by the language.
func closeInherited() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return // no such system
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}
