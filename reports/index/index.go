package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	_ "modernc.org/sqlite" // the driver

	"github.com/assay-gan/assay/reports"
)

// File is the name of the index in a run folder.
const File = "index.sqlite"

// planFile is the name of the plan in a run folder.
const planFile = "run.json"

// version is that of the tables: an index of another one is made anew.
const version = 2

// Index is an index that was up to date when it was opened. It is safe for concurrent use.
type Index struct {
	dir    string
	db     *sql.DB
	glance bool // rows are not asked for
	head   head
	mu     sync.Mutex // guards what follows
	plan   plan       // nil until it is asked for
}

// ErrNoRun is wrapped by the error for a folder that is no run.
var ErrNoRun = errors.New("no run")

// errStale says that the index is not one of these records, or damaged.
var errStale = errors.New("index is of no use")

// Open opens the index of a run folder and brings it up to date; it makes one where there is none. Errors: the folder is no run (ErrNoRun), its records cannot be
// read, a line of them contradicts another, the context ended. Whatever is wrong with the index itself is no error.
func Open(ctx context.Context, dir string) (*Index, error) { return openAny(ctx, dir, false) }

// Glance is Open for who asks for counts alone, and not for Cells, Newest and Measures: where there is no index of use it counts what the records hold, in a sixth of the time that
// making the rows takes, and leaves these to the next Open.
func Glance(ctx context.Context, dir string) (*Index, error) { return openAny(ctx, dir, true) }

func openAny(ctx context.Context, dir string, glance bool) (*Index, error) {
	if err := isRun(dir); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(filepath.Join(dir, File))
	if err != nil {
		return nil, err
	}
	var truth *truthError
	for range 2 {
		x, err := openFile(ctx, dir, path, glance)
		if err == nil {
			return x, nil
		}
		if errors.As(err, &truth) || ctx.Err() != nil {
			return nil, err
		}
		if !errors.Is(err, errStale) || remove(path) != nil {
			break
		}
	}
	return open(ctx, dir, ":memory:", glance) // one that is not kept
}

// truthError is an error about the records, which no other index would mend.
type truthError struct{ error }

func (e *truthError) Unwrap() error { return e.error }

// isRun says whether a folder holds a run.
func isRun(dir string) error {
	info, err := os.Stat(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && info.IsDir() {
		for _, name := range []string{planFile, reports.RecordsFile} {
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
				return nil
			}
		}
	}
	return fmt.Errorf("%w at %s: give a run folder, such as runs/default-1a2b3c4d", ErrNoRun, dir)
}

// remove deletes an index with what belongs to it.
func remove(path string) error {
	for _, end := range []string{"-journal", "-wal", "-shm", ""} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// openFile opens the index that is kept.
func openFile(ctx context.Context, dir, path string, glance bool) (*Index, error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path) // somebody else's: it stays
	}
	options := url.Values{"_pragma": {"busy_timeout(1500)", "journal_mode(DELETE)", "synchronous(OFF)"}, "_txlock": {"immediate"}}
	return open(ctx, dir, (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: options.Encode()}).String(), glance)
}

func open(ctx context.Context, dir, name string, glance bool) (*Index, error) {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // of a database in memory every connection is one of its own
	x := &Index{dir: dir, db: db, glance: glance}
	if err := x.refresh(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return x, nil
}

// Close releases the index.
func (x *Index) Close() error { return x.db.Close() }

// tables are those of version 2. A pack is a list of cells, see idOf. vals is a list of values, see appendValue; crc is the checksum of the other columns, see rowSum.
const tables = `
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), text TEXT NOT NULL);
CREATE TABLE pack (name TEXT PRIMARY KEY, data BLOB, crc INTEGER) WITHOUT ROWID;
CREATE TABLE cell (id INTEGER PRIMARY KEY, hash TEXT UNIQUE, model TEXT, dataset TEXT, settings_id TEXT, seed INTEGER, step INTEGER, state INTEGER, cause TEXT, error TEXT,
	wall REAL, cpu REAL, d_steps INTEGER, g_steps INTEGER, samples INTEGER, vals BLOB, settings TEXT, crc INTEGER);`

// begin prepares an empty file, and reads the head of one that is not.
func (x *Index) begin(ctx context.Context) error {
	var made int
	if err := x.db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name IN ('head', 'pack', 'cell')`).Scan(&made); err != nil {
		return damagedBy(err)
	}
	if made == 0 {
		x.head = head{Version: version}
		_, err := x.db.ExecContext(ctx, tables)
		return damagedBy(err)
	}
	var text string
	err := x.db.QueryRowContext(ctx, `SELECT text FROM head`).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		x.head = head{Version: version}
		return nil
	}
	if err != nil {
		return damagedBy(err)
	}
	return x.head.parse(text)
}
