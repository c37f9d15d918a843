package runners

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/kernel"
)

// FeatureCache is the folder of cached features below a cache folder: one for each build and kernel set, because another build may round otherwise or mend
// a mistake, and an old value must not outlive it.
func FeatureCache(dir string) string {
	return filepath.Join(dir, "features", build()+"-"+kernel.Name())
}

// rowCache keeps a featurizer's rows by the content of single images, in one file that grows at its end: so an interrupted pass goes on where it was, and
// sets that share images share the work. It is a convenience: whatever goes wrong with the file (damage, no space, another process at work on it) costs
// time and never a result. All methods are safe on nil, which caches nothing.
//
// The file: magic, two widths, then records of key, features (float64), logits (float32), CRC-32.
type rowCache struct {
	file             *os.File
	lock             *os.File
	features, logits int
	at               map[imaging.Key]int64
	end              int64
}

const rowMagic = "assay rows 1\n"

const rowHead = int64(len(rowMagic) + 8)

// openRows opens the cache of a fingerprint in a folder; nil where there is none to be had.
func openRows(dir, fingerprint string) *rowCache {
	if dir == "" || os.MkdirAll(dir, 0o755) != nil {
		return nil
	}
	_ = atomicfile.Sweep(dir) // what killed processes left
	sum := sha256.Sum256([]byte(fingerprint))
	path := filepath.Join(dir, hex.EncodeToString(sum[:12])+".rows")
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		_ = unlockFile(lock) // without a cache there is nothing to lose
		return nil
	}
	c := &rowCache{file: f, lock: lock, at: map[imaging.Key]int64{}}
	c.load()
	return c
}

func (c *rowCache) size() int64 { return int64(len(imaging.Key{}) + 8*c.features + 4*c.logits + 4) }

// load lists the records; none where this is no such file.
func (c *rowCache) load() {
	info, err := c.file.Stat()
	head := make([]byte, rowHead)
	if err != nil {
		return
	}
	if _, err := c.file.ReadAt(head, 0); err != nil || string(head[:len(rowMagic)]) != rowMagic {
		return
	}
	widths := head[len(rowMagic):]
	c.features, c.logits = int(binary.LittleEndian.Uint32(widths)), int(binary.LittleEndian.Uint32(widths[4:]))
	var key imaging.Key
	for c.end = rowHead; c.end+c.size() <= info.Size(); c.end += c.size() { // a torn last record is written over
		if _, err := c.file.ReadAt(key[:], c.end); err != nil {
			return
		}
		c.at[key] = c.end
	}
}

// fit begins anew unless the records have these widths.
func (c *rowCache) fit(features, logits int) {
	if c == nil || c.end >= rowHead && c.features == features && c.logits == logits {
		return
	}
	clear(c.at)
	c.features, c.logits, c.end = features, logits, rowHead
	head := binary.LittleEndian.AppendUint32([]byte(rowMagic), uint32(features))
	if c.file.Truncate(0) == nil {
		_, _ = c.file.WriteAt(binary.LittleEndian.AppendUint32(head, uint32(logits)), 0)
	}
}

func (c *rowCache) has(k imaging.Key) bool {
	if c == nil {
		return false
	}
	_, ok := c.at[k]
	return ok
}

// get fills the rows of an image; false if it is not there or the record is damaged.
func (c *rowCache) get(k imaging.Key, features, logits []float64) bool {
	if !c.has(k) {
		return false
	}
	b := make([]byte, c.size())
	if _, err := c.file.ReadAt(b, c.at[k]); err != nil || crc32.ChecksumIEEE(b[:len(b)-4]) != binary.LittleEndian.Uint32(b[len(b)-4:]) {
		delete(c.at, k)
		return false
	}
	b = b[len(k):]
	for i := range features {
		features[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	b = b[8*len(features):]
	for i := range logits {
		logits[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
	}
	return true
}

// put adds an image's rows. Logits that float32 cannot hold are not cached.
func (c *rowCache) put(k imaging.Key, features, logits []float64) {
	if c == nil || c.has(k) {
		return
	}
	b := append(make([]byte, 0, c.size()), k[:]...)
	for _, v := range features {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	for _, v := range logits {
		if float64(float32(v)) != v {
			return
		}
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	if _, err := c.file.WriteAt(b, c.end); err != nil {
		return // the next one is written over it
	}
	c.at[k] = c.end
	c.end += c.size()
}

func (c *rowCache) close() {
	if c != nil {
		_ = c.file.Close() // a row that is cut short is told by its sum and made again
		_ = unlockFile(c.lock)
	}
}
