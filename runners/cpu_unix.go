//go:build unix

package runners

import "syscall"

// cpuSeconds is the processor time that this process and the programs it ran have used, in user and system mode. A program counts when it has ended.
func cpuSeconds() (s float64) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err == nil {
			s += float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
		}
	}
	return s
}
