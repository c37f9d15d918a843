package tensorfile

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// The vectors of RFC 3720, B.4, under the mask.
func TestMaskedCRC(t *testing.T) {
	up, down := make([]byte, 32), make([]byte, 32)
	for i := range 32 {
		up[i], down[i] = byte(i), byte(31-i)
	}
	for _, c := range []struct {
		name string
		data []byte
		crc  uint32 // as in the RFC, whose bytes are the little-endian ones of the number
	}{
		{"32 bytes of zeros", make([]byte, 32), 0x8a9136aa},
		{"32 bytes of ones", bytes.Repeat([]byte{0xff}, 32), 0x62a8ab43},
		{"32 incrementing bytes", up, 0x46dd794e},
		{"32 decrementing bytes", down, 0x113fdb5c},
	} {
		want := (c.crc>>15 | c.crc<<17) + 0xa282ead8
		if got := MaskedCRC(c.data); got != want {
			t.Errorf("%s: %08x, want %08x", c.name, got, want)
		}
	}
}

// What tensorboard 2.21.0's RecordWriter wrote for the first event of a file.
func TestAppendRecord(t *testing.T) {
	const want = "0f000000000000006d532b091a0d627261696e2e4576656e743a32fc985129"
	if got := hex.EncodeToString(AppendRecord(nil, []byte("\x1a\x0dbrain.Event:2"))); got != want {
		t.Errorf("wrote %s\nwant  %s", got, want)
	}
}
