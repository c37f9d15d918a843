package tensorfile

import (
	"encoding/binary"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// MaskedCRC is the checksum of TFRecord files: CRC-32C, rotated and shifted, so that the checksum of bytes that hold checksums is no special one.
func MaskedCRC(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// AppendRecord appends a record as TFRecord files hold it: its length in 8 bytes, their checksum, the data, their checksum; all little-endian.
func AppendRecord(to, data []byte) []byte {
	at := len(to)
	to = binary.LittleEndian.AppendUint64(to, uint64(len(data)))
	to = binary.LittleEndian.AppendUint32(to, MaskedCRC(to[at:]))
	to = append(to, data...)
	return binary.LittleEndian.AppendUint32(to, MaskedCRC(data))
}
