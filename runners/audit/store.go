package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
)

// store keeps finished pieces of an audit, one file each, named by the hash of all that the piece depends on. Without a folder it keeps nothing.
type store struct{ dir string }

// piece is the content of a file: what it was made for, in full, and what came out.
type piece struct {
	Key   json.RawMessage `json:"key"`
	Value json.RawMessage `json:"value"`
}

// largest is how many bytes a piece may have.
const largest = 1 << 26

func (s store) path(key []byte) string {
	sum := sha256.Sum256(key)
	return filepath.Join(s.dir, hex.EncodeToString(sum[:12])+".json")
}

// get reads the piece of a key into v. A file that is damaged or was made for another key counts as missing: its piece is made again.
func (s store) get(key, v any) bool {
	if s.dir == "" {
		return false
	}
	k, err := json.Marshal(key)
	if err != nil {
		return false
	}
	text, err := inputfile.Read(s.path(k), largest)
	if err != nil {
		return false
	}
	var p piece
	return json.Unmarshal(text, &p) == nil && string(p.Key) == string(k) && json.Unmarshal(p.Value, v) == nil
}

func (s store) put(key, v any) error {
	if s.dir == "" {
		return nil
	}
	k, err := json.Marshal(key)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	text, err := json.Marshal(piece{k, value})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("audit: %w", err)
	}
	return atomicfile.WriteBytes(s.path(k), text)
}

// kept is the piece of a key, made where it is not there yet.
func kept[T any](s store, key any, made func() (T, error)) (T, error) {
	var v T
	if s.get(key, &v) {
		return v, nil
	}
	v, err := made()
	if err != nil {
		return v, err
	}
	return v, s.put(key, v)
}
