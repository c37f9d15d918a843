package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// usage is processor time in clock ticks: of the whole machine, of our own processes.
type usage struct{ total, busy, own float64 }

// measureUsage reads Linux's counters; elsewhere it knows nothing and ok is false.
func measureUsage(pids []int) (u usage, ok bool) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return u, false
	}
	first, _, _ := strings.Cut(string(b), "\n")
	fields := strings.Fields(first)
	if len(fields) < 9 || fields[0] != "cpu" {
		return u, false
	}
	for i, f := range fields[1:9] { // user nice system idle iowait irq softirq steal; what the host stole is a neighbour's too
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return u, false
		}
		u.total += v
		if i != 3 && i != 4 {
			u.busy += v
		}
	}
	for _, pid := range pids {
		u.own += ticks(pid)
	}
	return u, true
}

// ticks is the processor time of one process, 0 if it is gone.
func ticks(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, found := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if !found || len(f) < 13 {
		return 0
	}
	user, err1 := strconv.ParseFloat(f[11], 64)
	system, err2 := strconv.ParseFloat(f[12], 64)
	if err1 != nil || err2 != nil {
		return 0
	}
	return user + system
}

// pids are this process and its workers.
func (b *bench) pids() []int {
	out := []int{os.Getpid()}
	for _, side := range []map[int]*worker{b.ours, b.theirs, b.inGo} {
		for _, w := range side {
			out = append(out, w.cmd.Process.Pid)
		}
	}
	for _, w := range b.extra {
		out = append(out, w.cmd.Process.Pid)
	}
	return out
}

// others is the share of the machine's processors that other programs used between two readings; -1 if unknown.
func others(before, after usage, ok bool) float64 {
	total := after.total - before.total
	if !ok || total <= 0 {
		return -1
	}
	return min(1, max(0, (after.busy-before.busy-(after.own-before.own))/total))
}
