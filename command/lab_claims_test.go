//go:build linux

package command

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/assay-gan/assay/featurizer"
)

// labClaims are files that are whole in form and say what cannot be: records that no writer makes, a card of no model, weights that are no numbers, tables with holes.
func labClaims(r labReader, whole []byte) []labCase {
	var cases []labCase
	add := func(name string, data []byte) {
		cases = append(cases, labCase{kind: "claim", name: name, data: func(testing.TB) []byte { return data }, refused: true})
	}
	switch r.name {
	case "records":
		line, rest, _ := bytes.Cut(whole, []byte("\n"))
		for name, change := range map[string]map[string]any{
			"n of -5": {"n": -5}, "a step of -1": {"step": -1}, "n_real of -1": {"n_real": -1}, "costs below zero": {"cost": map[string]any{"d_steps": -1}}, "half a step": {"step": 0.5},
			"an interval upside down": {"interval": map[string]any{"lo": 2, "hi": 1, "level": 0.95, "method": "m"}}, "a level of 95": {"interval": map[string]any{"lo": 1, "hi": 2, "level": 95, "method": "m"}},
			"no model": {"model": ""}, "a model of spaces": {"model": "  "}, "no data set": {"dataset": ""}, "no cell": {"cell": ""}, "a cell that leads out": {"cell": ".."}, "no metric": {"metric": ""},
			"no value": {"value": nil}, "an unknown status": {"status": "fine"}, "an unknown direction": {"better": "up"}, "a failure without a reason": {"status": "failed", "error": ""},
			"a seed below zero": {"seed": -1}, "a key that is none": {"colour": "red"},
		} {
			add(name, append(append(labChanged(line, change), '\n'), rest...))
		}
		add("a second value for a key", append(append(bytes.Clone(whole), labChanged(line, map[string]any{"value": 12345.678})...), '\n'))
		add("one cell of two models", append(append(bytes.Clone(whole), labChanged(line, map[string]any{"model": "another", "metric": "x"})...), '\n'))
		add("two values on a line", append(append(bytes.Clone(line), line...), '\n'))
		add("a model that is not UTF-8", bytes.Replace(whole, []byte(`"model":"`), []byte("\"model\":\"\xff"), 1))
	case "card of a checkpoint":
		for name, change := range map[string]map[string]any{
			"no model": {"model": ""}, "a model that is none": {"model": "gan-xx"}, "no data set": {"dataset": ""}, "a data set that is none": {"dataset": "rung"}, "no settings": {"settings": nil},
			"a setting out of range": {"settings": map[string]any{"width": "-4"}}, "a setting that is none": {"settings": map[string]any{"widht": "4"}}, "no protocol": {"protocol": ""}, "a seed below zero": {"seed": -1},
			"a key that is none": {"colour": "red"},
		} {
			add(name, labChanged(whole, change))
		}
	case "checkpoint":
		head, data := labSafeParts(whole)
		for name, v := range map[string]float32{"weights that are no numbers": float32(math.NaN()), "weights without bound": float32(math.Inf(1))} {
			bad := bytes.Clone(data)
			for at := 0; at+4 <= len(bad); at += 4 {
				binary.LittleEndian.PutUint32(bad[at:], math.Float32bits(v))
			}
			add(name, labSafeJoin(head, bad))
		}
		var entries map[string]json.RawMessage
		if err := json.Unmarshal(head, &entries); err != nil {
			panic(err)
		}
		for name := range entries { // without each of its parts
			less := map[string]json.RawMessage{}
			for k, v := range entries {
				if k != name {
					less[k] = v
				}
			}
			text, err := json.Marshal(less)
			if err != nil {
				panic(err)
			}
			add("without "+name, labSafeJoin(text, data))
		}
	case "csv":
		for name, text := range map[string]string{
			"a hole": "a,b,c\n1,2,3\n4,,6\n7,8,9\n", "a short row": "a,b,c\n1,2,3\n4,5\n7,8,9\n", "a long row": "a,b,c\n1,2,3\n4,5,6,7\n8,9,1\n", "a word among numbers": "a,b,c\n1,2,3\n4,five,6\n7,8,9\n",
			"no number": "a,b,c\n1,2,3\n4,NaN,6\n7,8,9\n", "a number without bound": "a,b,c\n1,2,3\n4,Inf,6\n7,8,9\n", "beyond numbers": "a,b,c\n1,2,3\n4,1e999,6\n7,8,9\n", "a header alone": "a,b,c\n",
			"a quote without end": "a,b,c\n1,\"2,3\n4,5,6\n", "not UTF-8": "name,a,b,c\n\xff,1,2,3\nx,4,5,6\ny,7,8,9\n", "one name twice": "name,a,b,c\nx,1,2,3\nx,4,5,6\ny,7,8,9\n", "another width": "a,b\n1,2\n3,4\n5,6\n",
		} {
			add(name, []byte(text))
		}
	case "parquet":
		type numbers struct{ A, B, C float64 }
		type names struct {
			Name string
			A    float64
		}
		add("no number", labParquetOf(numbers{1, 2, 3}, numbers{4, math.NaN(), 6}, numbers{7, 8, 9}))
		add("a number without bound", labParquetOf(numbers{1, 2, 3}, numbers{4, math.Inf(1), 6}, numbers{7, 8, 9}))
		add("no row", labParquetOf[numbers]())
		add("one name twice", labParquetOf(names{"x", 1}, names{"x", 2}, names{"y", 3}))
		add("another width", labParquetOf(struct{ A, B float64 }{1, 2}, struct{ A, B float64 }{3, 4}, struct{ A, B float64 }{5, 6}))
	case "pt":
		for name, change := range map[string][2]string{
			"a shape below zero": {"K\x28K\x03\x86", "J\xff\xff\xff\xffK\x03\x86"}, "more numbers than the storage": {"K\x28K\x03\x86", "K\x29K\x03\x86"}, "a stride below zero": {"K\x03K\x01\x86", "J\xff\xff\xff\xffK\x01\x86"},
			"a storage of words": {"FloatStorage", "WordsStorage"},
		} {
			if !strings.Contains(labTensor, change[0]) {
				panic(name)
			}
			add(name, labTensorOf(labNumbers120(0), strings.Replace(labTensor, change[0], change[1], 1)))
		}
		bad := labNumbers120(0)
		binary.LittleEndian.PutUint32(bad[40:], math.Float32bits(float32(math.NaN())))
		add("no number", labTensorOf(bad, labTensor))
	}
	return cases
}

// labChanged is a JSON object with some keys changed; nil takes a key out.
func labChanged(object []byte, change map[string]any) []byte {
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		panic(err)
	}
	for k, v := range change {
		if m[k] = v; v == nil {
			delete(m, k)
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

// labSafeParts are the header and the data of a safetensors file; labSafeJoin puts them together.
func labSafeParts(b []byte) (head, data []byte) {
	n := binary.LittleEndian.Uint64(b)
	return b[8 : 8+n], b[8+n:]
}

func labSafeJoin(head, data []byte) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head...), data...)
}

// labTensor is the pickle of one tensor of 40 x 3 floats.
const labTensor = "\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x78tQK\x00K\x28K\x03\x86K\x03K\x01\x86\x89}tR."

func labTensorOf(numbers []byte, pickle string) []byte {
	return labZipOf(nil2{}, 0, "m/data.pkl", []byte(pickle), "m/data/0", numbers)
}

// labNumbers120 are the numbers of labMatrix.
func labNumbers120(shift int) []byte {
	var b []byte
	for i := range 120 {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(labValue(i+shift))/16))
	}
	return b
}

func labPT(testing.TB) []byte { return labTensorOf(labNumbers120(0), labTensor) }

func labSafeFeatures(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	a := labMatrix(0)
	if err := (featurizer.Weights{"features": {Shape: a.Shape, Data: a.Float32s()}}).WriteSafetensors(&b, false); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func labParquet(testing.TB) []byte {
	rows := make([]struct{ A, B, C float32 }, 40)
	for i := range rows {
		rows[i].A, rows[i].B, rows[i].C = float32(labValue(3*i))/16, float32(labValue(3*i+1))/16, float32(labValue(3*i+2))/16
	}
	return labParquetOf(rows...)
}

func labParquetOf[Row any](rows ...Row) []byte {
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func labCSV(testing.TB) []byte {
	b := []byte("a,b,c\n")
	for i := range 40 {
		for j := range 3 {
			b = fmt.Appendf(b, "%v%c", float32(labValue(3*i+j))/16, ",,\n"[j])
		}
	}
	return b
}
