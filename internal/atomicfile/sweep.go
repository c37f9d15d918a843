package atomicfile

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// abandoned is the age since its last write from which a temporary file is no longer being written, whoever began it.
const abandoned = time.Hour

// longestBase keeps the name of a temporary file below what file systems allow.
const longestBase = 150

// A temporary file's name tells whose it is: the machine, the process, and which of all processes that had the number.
var (
	machine = machineMark()
	process = rand.Text()[:8]
	ours    = regexp.MustCompile(`^\..+\.tmp-(?:([0-9a-f]{8})-([0-9]+)-([A-Z2-7]{8})-)?[0-9]+$`)
)

// temporary is the pattern of a temporary file's name.
func temporary(base string) string {
	return fmt.Sprintf(".%s.tmp-%s-%d-%s-*", base[:min(len(base), longestBase)], machine, os.Getpid(), process)
}

// machineMark tells apart the machines, and the containers on them, that share a folder: process numbers mean something only within one.
func machineMark() string {
	host, _ := os.Hostname()
	space, _ := os.Readlink("/proc/self/ns/pid")
	h := sha256.Sum256([]byte(host + "\n" + space))
	return hex.EncodeToString(h[:4])
}

// Sweep removes the temporary files that killed processes left in folders. It keeps those of a living process, and those of which that cannot be known, because
// another machine or an earlier version wrote them, until nothing has been written to them for an hour. A folder that is not there has none.
func Sweep(dirs ...string) error {
	var errs []error
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		errs = append(errs, err)
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || !info.Mode().IsRegular() || !litter(e.Name(), time.Since(info.ModTime())) {
				continue
			}
			if err := os.Remove(filepath.Join(dir, e.Name())); !errors.Is(err, fs.ErrNotExist) { // somebody else may sweep too
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// litter says whether a file of that name and age is a temporary one that nobody will finish.
func litter(name string, age time.Duration) bool {
	m := ours.FindStringSubmatch(name)
	if m == nil {
		return false
	}
	pid, err := strconv.Atoi(m[2])
	if m[1] != machine || err != nil {
		return age > abandoned
	}
	if pid == os.Getpid() {
		return m[3] != process // in a container every process may be number 1
	}
	return !alive(pid)
}
