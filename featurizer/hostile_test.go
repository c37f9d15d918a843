package featurizer

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
)

// Pieces of pickles, written by hand after the language's table of operations.
const (
	pickleHead   = "\x80\x02"
	ordered      = "ccollections\nOrderedDict\n)R"                                                                                                               // an empty ordered dictionary
	stateKey     = "X\x0a\x00\x00\x00state_dict"                                                                                                                 // the text state_dict
	tensorBefore = "X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu" // "a": tensor of storage "0"
)

// pickled is a dictionary with one tensor "a" of a storage of two floats, with the offset, shape and stride given as operations.
func pickled(offset, shape, stride string) string {
	return pickleHead + "}(" + tensorBefore + "K\x02tQ" + offset + shape + stride + "tRu."
}

// long is the operation that pushes an integer of eight bytes.
func long(v int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(v)))
}

func torchZip(t testing.TB, pickle string, storage []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, data := range map[string][]byte{"m/data.pkl": []byte(pickle), "m/data/0": storage} {
		method := zip.Deflate
		if len(data) < 100 { // as PyTorch does, so that a test can change a number in it
			method = zip.Store
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = f.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// torchLegacy is the older form of the same.
func torchLegacy(pickle string, storage []byte) []byte {
	b := []byte("\x80\x02\x8a\x0a" + legacyMagic + ".\x80\x02M\xe9\x03.\x80\x02}q\x00." + pickle + "\x80\x02](X\x01\x00\x00\x000e.")
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(storage)/4)), storage...)
}

// allocated is the number of bytes that f takes from the heap.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// mostTaken is half of what the whole program may take for a hostile file.
const mostTaken = 256 << 20

// Every pickle here crashed the reader, hung it, or made it take what the file does not hold.
func TestHostilePickles(t *testing.T) {
	two := []byte{0, 0, 128, 63, 0, 0, 0, 64} // 1 and 2
	row, ones := "K\x02\x85", "K\x01\x85"
	whole := pickled("K\x00", row, ones)
	for name, data := range map[string][]byte{"zip": torchZip(t, whole, two), "legacy": torchLegacy(whole, two)} {
		w, err := parseWeights(data)
		if err != nil || len(w) != 1 || len(w["a"].Data) != 2 || w["a"].Data[0] != 1 || w["a"].Data[1] != 2 {
			t.Fatalf("the whole %s file: %v, %v", name, w, err)
		}
	}
	deep := pickleHead + strings.Repeat("}"+stateKey, 100_000) + "}" + strings.Repeat("s", 100_000) + "."
	for name, pickle := range map[string]string{
		"a dictionary that holds itself as state_dict":   pickleHead + "}q\x00" + stateKey + "h\x00s.",
		"an ordered one that holds itself":               pickleHead + ordered + "q\x00" + stateKey + "h\x00s.",
		"two that hold each other":                       pickleHead + "}q\x00}q\x01" + stateKey + "h\x00s0h\x00" + stateKey + "h\x01s.",
		"one that holds itself a thousand times":         pickleHead + "}q\x00(" + strings.Repeat(stateKey+"h\x00", 1000) + "u.",
		"state_dict 100 000 deep":                        deep,
		"a list that holds itself":                       pickleHead + "]q\x00h\x00a.",
		"offset near 2^63":                               pickled(long(math.MaxInt64), row, ones),
		"offset that wraps to the front":                 pickled(long(math.MaxInt64-1), row, ones),
		"negative offset":                                pickled(long(-1), row, ones),
		"offset behind the storage":                      pickled("K\x03", row, ones),
		"shape beyond the storage":                       pickled("K\x00", "K\x03\x85", ones),
		"shape of 2^62":                                  pickled("K\x00", long(1<<62)+"\x85", ones),
		"shape whose product wraps":                      pickled("K\x00", long(1<<32)+long(1<<32)+"\x86", "K\x01K\x01\x86"),
		"stride of 2^62":                                 pickled("K\x00", row, long(1<<62)+"\x85"),
		"stride that wraps":                              pickled("K\x01", row, long(math.MaxInt64)+"\x85"),
		"storage of 2^62 numbers":                        pickleHead + "}(" + tensorBefore + long(1<<62) + "tQK\x00" + row + ones + "tRu.",
		"a text of 4 GB":                                 pickleHead + "X\xff\xff\xff\xffabc.",
		"a name of a megabyte, which is no tensor's":     pickleHead + "}X\x00\x00\x10\x00" + strings.Repeat("n", 1<<20) + "}(" + "s.",
		"three million empty dictionaries":               pickleHead + strings.Repeat("}\x94", 1<<20+1<<19) + ".",
		"a state that is a tuple of tuples 100 000 deep": pickleHead + ")" + strings.Repeat("\x85", 100_000) + ".",
		"a mark alone":                                   pickleHead + "(.",
		"a call of what is no function":                  pickleHead + "}}R.",
		"a tensor whose storage is a dictionary":         pickleHead + "}(X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n(}K\x00" + row + ones + "tRu.",
	} {
		for form, data := range map[string][]byte{"zip": torchZip(t, pickle, two), "legacy": torchLegacy(pickle, two)} {
			var err error
			took := allocated(func() { _, err = parseWeights(data) })
			if !errors.Is(err, ErrWeights) {
				t.Errorf("%s, %s: error %v", name, form, err)
				continue
			}
			if s := err.Error(); strings.Contains(s, "\n") || len(s) > 400 {
				t.Errorf("%s, %s: an error of %d bytes", name, form, len(s))
			}
			if took > mostTaken {
				t.Errorf("%s, %s: %d bytes taken for a file of %d", name, form, took, len(data))
			}
		}
	}
}

// An archive's members are no larger than they say, no larger than their bytes allow, and whole.
func TestHostileWeightArchives(t *testing.T) {
	two := []byte{0, 0, 128, 63, 0, 0, 0, 64}
	whole := pickled("K\x00", "K\x02\x85", "K\x01\x85")
	// Two thousand tensors of one storage of 256 KiB: 500 MB out of a few KB.
	shared := pickleHead + "}(" + strings.Repeat(tensorBefore+long(1<<16)+"tQK\x00"+long(1<<16)+"\x85K\x01\x85tR", 2000) + "u."
	corrupt := torchZip(t, whole, two)
	corrupt[bytes.Index(corrupt, two)] ^= 1
	for name, data := range map[string][]byte{
		"a pickle of 300 MB of text":        torchZip(t, pickleHead+strings.Repeat("X\x00\x00\x10\x00"+strings.Repeat("a", 1<<20)+"0", 300)+".", two),
		"a storage longer than it says":     torchZip(t, whole, append(two, 0, 0, 0, 0)),
		"a storage shorter than it says":    torchZip(t, whole, two[:4]),
		"a storage that inflates to 100 MB": torchZip(t, strings.Replace(whole, "K\x02tQ", long(25<<20)+"tQ", 1), make([]byte, 100<<20)),
		"one storage in many tensors":       torchZip(t, shared, make([]byte, 4<<16)),
		"a flipped bit":                     corrupt,
		"legacy with more behind it":        append(torchLegacy(whole, two), 0),
		"legacy cut by one":                 torchLegacy(whole, two)[:len(torchLegacy(whole, two))-1],
	} {
		var err error
		took := allocated(func() { _, err = parseWeights(data) })
		if !errors.Is(err, ErrWeights) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
		if took > mostTaken {
			t.Errorf("%s: %d bytes taken for a file of %d", name, took, len(data))
		}
	}
}
