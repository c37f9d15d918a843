package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"time"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/quote"
)

// CommandsFile is the name of the file in a run folder that says by which commands the run was made, a line of JSON each. No value depends on it: it is no part of the records, of a cell's hash or of
// what is compared between two runs.
const CommandsFile = "commands.jsonl"

// Command is a command that a run was begun or went on by.
type Command struct {
	Time    time.Time `json:"time"` // UTC, to the second
	Command string    `json:"command"`
	Version string    `json:"version"` // of the program
}

// maxCommands bounds the file, in bytes.
const maxCommands = 4 << 20

// ReadCommands reads the commands of a run folder; none where it has no such file. A line that is none is an error that names it.
func ReadCommands(dir string) (out []Command, err error) {
	b, err := inputfile.Read(filepath.Join(dir, CommandsFile), maxCommands)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i, line := range bytes.Split(b, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var c Command
		if err := json.Unmarshal(line, &c); err != nil {
			return out, fmt.Errorf("%s: line %d: %w", CommandsFile, i+1, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// secret is what stands before the host of a URL: a name, and perhaps a password.
var secret = regexp.MustCompile(`(\w://)[^/@\s']+@`)

// NoteCommand adds a command to those of a run folder, without the names and passwords in its URLs. The file is replaced whole or not at all.
func NoteCommand(dir string, c Command) error {
	before, err := inputfile.Read(filepath.Join(dir, CommandsFile), maxCommands)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	c.Time, c.Command = c.Time.UTC().Truncate(time.Second), secret.ReplaceAllString(quote.Line(c.Command), "${1}…@")
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if len(before) > 0 && before[len(before)-1] != '\n' {
		before = append(before, '\n')
	}
	return atomicfile.WriteBytes(filepath.Join(dir, CommandsFile), append(append(before, line...), '\n'))
}
