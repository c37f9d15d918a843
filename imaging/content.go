package imaging

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
)

// Key names an image by its size and pixels.
type Key [sha256.Size]byte

// Key is the sha256 of height, width and channels (eight bytes each, little endian) and the pixels.
func (m *Image) Key() Key {
	h := sha256.New()
	var size [24]byte
	for i, v := range []int{m.H, m.W, m.C} {
		binary.LittleEndian.PutUint64(size[8*i:], uint64(v))
	}
	h.Write(size[:])
	h.Write(m.Pix)
	return Key(h.Sum(nil))
}

// Content collects the images of a set. The zero value is the empty set.
type Content struct{ keys []Key }

// Add takes in an image by its key.
func (c *Content) Add(k Key) { c.keys = append(c.keys, k) }

// N is the number of images.
func (c *Content) N() int { return len(c.keys) }

// Hash names the set by its images as they were decoded, in hexadecimal: names, order, labels and the kind of place do not enter, so that a folder, its archive and
// the array of its images have one hash. An image that is there twice counts twice.
func (c *Content) Hash() string {
	slices.SortFunc(c.keys, func(a, b Key) int { return slices.Compare(a[:], b[:]) })
	h := sha256.New()
	h.Write([]byte("assay images 1\n"))
	for _, k := range c.keys {
		h.Write(k[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}
