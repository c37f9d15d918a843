package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

// The check value of CRC-32C is e3069283 over "123456789" (RFC 3720 and every catalogue of such sums); the object is that text in braces' stead, so the value here
// is from the bitwise definition over `{"a":"123456789"}`, which gives that check value.
func TestAdd(t *testing.T) {
	got := string(Add([]byte(`{"a":"123456789"}`)))
	if want := `{"a":"123456789","crc32c":"7f2d49b4"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	var v map[string]string
	if err := json.Unmarshal([]byte(got), &v); err != nil || v["a"] != "123456789" {
		t.Errorf("other programs read %v, %v", v, err)
	}
}

func TestOpen(t *testing.T) {
	for _, text := range []string{`{"a":1}`, `{"a":{"b":[1,2]},"c":"ä}"}`} {
		got, sealed, err := Open(Add([]byte(text)))
		if string(got) != text || !sealed || err != nil {
			t.Errorf("%s comes back as %s, %v, %v", text, got, sealed, err)
		}
		if got, sealed, err := Open([]byte(text)); string(got) != text || sealed || err != nil {
			t.Errorf("%s without a checksum: %s, %v, %v", text, got, sealed, err)
		}
	}
	for _, odd := range []string{"", "{}", "}", member, member + `00000000"}`, `"}`} {
		if _, _, err := Open([]byte(odd)); err != nil && !errors.Is(err, ErrBroken) {
			t.Errorf("%q: %v", odd, err)
		}
	}
}

// Every flipped bit of a sealed object is seen: the checksum does not match, or what is left is no object with a known last member.
func TestEveryBitCounts(t *testing.T) {
	whole := Add([]byte(`{"cell":"ab12","value":0.25}`))
	for bit := range 8 * len(whole) {
		bad := bytes.Clone(whole)
		bad[bit/8] ^= 1 << (bit % 8)
		body, sealed, err := Open(bad)
		if err != nil {
			continue
		}
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		var v struct {
			Cell  string
			Value float64
		}
		if err := d.Decode(&v); sealed || err == nil && !d.More() {
			t.Errorf("bit %d flipped goes unseen: %s", bit, bad)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"a":1,"crc32c":"00000000"}`))
	f.Add(Add([]byte(`{"a":1}`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		body, sealed, err := Open(b)
		if err == nil && sealed && !bytes.Equal(Add(body), b) {
			t.Errorf("%q opens to %q, which seals to %q", b, body, Add(body))
		}
	})
}
