package source

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Hash is the sha256 of the images as they lie in the source, in their order, in hexadecimal. A folder and an archive of the same files have one hash. Names,
// and what cannot be read, take no part. The error is that of a cancelled context.
func (s *Set) Hash(ctx context.Context) (string, error) {
	h := sha256.New()
	piece := func(b []byte) {
		var size [8]byte
		binary.LittleEndian.PutUint64(size[:], uint64(len(b)))
		h.Write(size[:])
		h.Write(b)
	}
	for _, it := range s.Items {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		switch {
		case it.bad != nil:
		case it.image != nil:
			if m, err := it.image(); err == nil {
				piece(fmt.Appendf(nil, "%d %d %d", m.H, m.W, m.C))
				piece(m.Pix)
			}
		default:
			if b, err := it.read(); err == nil {
				piece(b)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
