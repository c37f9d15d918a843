// Package seal gives a JSON object a checksum as its last member, so that any other program still reads the object and damage does not go unseen.
package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"hash/crc32"
)

// member opens the checksum, which ends the object:
//
//	{"a":1}  ->  {"a":1,"crc32c":"0123abcd"}
const member = `,"crc32c":"`

// size is the length of the member, which takes the place of the closing brace.
const size = len(member) + 8 + len(`"}`)

// Member is the name of the checksum in an object.
const Member = "crc32c"

// ErrBroken says that an object is not as it was sealed.
var ErrBroken = errors.New("its checksum does not match: it was damaged, or edited (then delete its member crc32c)")

var table = crc32.MakeTable(crc32.Castagnoli)

// Add returns the object with the checksum of its bytes as last member. The object ends with its brace and has a member at least; it is not changed.
func Add(object []byte) []byte {
	body := object[:len(object)-1]
	out := make([]byte, 0, len(object)+size)
	out = append(append(out, body...), member...)
	out = hex.AppendEncode(out, sum(body))
	return append(out, `"}`...)
}

// Open returns the object as it was before Add, and whether it had a checksum at all; an object without one comes back as it is. The error is ErrBroken. The
// object is not changed.
func Open(object []byte) (body []byte, sealed bool, err error) {
	sealed, err = Check(object)
	if !sealed || err != nil {
		return object, sealed, err
	}
	return append(bytes.Clone(object[:len(object)-size]), '}'), true, nil
}

// Check says whether an object has a checksum, and ErrBroken where it is not that of the object.
func Check(object []byte) (sealed bool, err error) {
	at := len(object) - size
	if at < 1 || !bytes.HasPrefix(object[at:], []byte(member)) || !bytes.HasSuffix(object, []byte(`"}`)) {
		return false, nil
	}
	var want [8]byte
	if hex.Encode(want[:], sum(object[:at])); !bytes.Equal(want[:], object[at+len(member):len(object)-2]) {
		return true, ErrBroken
	}
	return true, nil
}

// sum is the CRC-32C [RFC 3720] of an object of which the closing brace is not given.
func sum(body []byte) []byte {
	c := crc32.Update(crc32.Checksum(body, table), table, []byte("}"))
	return []byte{byte(c >> 24), byte(c >> 16), byte(c >> 8), byte(c)}
}
