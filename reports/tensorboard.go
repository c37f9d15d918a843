package reports

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// tensorboard writes a folder that `tensorboard --logdir` shows: a file of events for each cell, with scores, training curves and monitors as scalars over steps, the settings as
// hyperparameters, verdict, warnings and origin as texts, and contact sheets as images. Times are the seconds of the run's own clock, from the records, so that the same records give the same bytes. Scalars are
// float32 there; records hold every digit.
func tensorboard(r *Report, put func(path string, content []byte) error) error {
	for t, err := range r.trackedRuns() {
		if err == nil {
			err = put(t.name+"/events.out.tfevents.0.assay", t.events())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// events are the records of one file, in the order of their steps.
func (t *trackedRun) events() []byte {
	out := tensorfile.AppendRecord(nil, message(nil).double(1, 0).text(3, "brain.Event:2"))
	write := func(step int, values message) {
		out = tensorfile.AppendRecord(out, message(nil).double(1, t.at(step)).varint(2, uint64(step)).bytes(5, values))
	}
	write(0, t.hyperparameters())
	for _, x := range t.texts {
		write(0, textValue(x.name, x.markdown))
	}
	at := map[int]message{}
	for _, s := range t.series {
		for i, step := range s.Steps {
			at[max(step, 0)] = append(at[max(step, 0)], scalarValue(s.Name, s.Values[i])...)
		}
	}
	for _, step := range slices.Sorted(maps.Keys(at)) {
		write(step, at[step])
	}
	for _, p := range t.images {
		write(t.last, imageValue(p))
	}
	return tensorfile.AppendRecord(out, message(nil).double(1, t.wall).varint(2, uint64(t.last)).bytes(5, t.ended()))
}

// message is a protocol buffer in the making: fields are appended in the order of their numbers, and those with the default value are left out, as proto3 does.
type message []byte

func (m message) key(field, kind int) message {
	return binary.AppendUvarint(m, uint64(field)<<3|uint64(kind))
}

func (m message) varint(field int, v uint64) message {
	if v == 0 {
		return m
	}
	return binary.AppendUvarint(m.key(field, 0), v)
}

func (m message) double(field int, v float64) message {
	if v == 0 {
		return m
	}
	return m.fixed(field, v)
}

// fixed is a double that is written even where it is 0, as members of a oneof are.
func (m message) fixed(field int, v float64) message {
	return binary.LittleEndian.AppendUint64(m.key(field, 1), math.Float64bits(v))
}

// float is written even where it is 0: the value of a scalar is a member of a oneof.
func (m message) float(field int, v float32) message {
	return binary.LittleEndian.AppendUint32(m.key(field, 5), math.Float32bits(v))
}

func (m message) bytes(field int, v []byte) message {
	return append(binary.AppendUvarint(m.key(field, 2), uint64(len(v))), v...)
}

// text writes a string, which a protocol buffer wants in UTF-8.
func (m message) text(field int, v string) message { return m.bytes(field, []byte(quote.Terminal(v))) }

// value is one entry of a Summary. The numbers of fields are those of tensorboard's summary.proto, tensor.proto and the plugins' plugin_data.proto.
func value(tag string, rest func(message) message) message {
	return message(nil).bytes(1, rest(message(nil).text(1, tag)))
}

func scalarValue(tag string, v float64) message {
	return value(tag, func(m message) message { return m.float(2, float32(v)) })
}

func imageValue(p imageOf) message {
	const rgb = 3
	return value(p.name, func(m message) message {
		return m.bytes(4, message(nil).varint(1, uint64(p.height)).varint(2, uint64(p.width)).varint(3, rgb).bytes(4, p.png))
	})
}

// textValue is a tensor of one string, for the plugin of texts.
func textValue(tag, markdown string) message {
	const dtString = 7
	shape := message(nil).bytes(2, message(nil).varint(1, 1))
	tensor := message(nil).varint(1, dtString).bytes(2, shape).text(8, markdown)
	return value(tag+"/text_summary", func(m message) message {
		return m.bytes(8, tensor).bytes(9, message(nil).bytes(1, message(nil).text(1, "text")))
	})
}

// hyperparameters begin a session of the plugin of hyperparameters: numbers as numbers, so that its axes have a scale.
func (t *trackedRun) hyperparameters() message {
	var info message
	settings := t.settings()
	for _, k := range sortedKeys(settings) {
		var v message
		if x, err := strconv.ParseFloat(settings[k], 64); err == nil && !math.IsInf(x, 0) && !math.IsNaN(x) {
			v = v.fixed(2, x)
		} else {
			v = v.text(3, settings[k])
		}
		info = info.bytes(1, message(nil).text(1, k).bytes(2, v))
	}
	return session("session_start_info", message(nil).bytes(3, info.text(4, t.name)))
}

// ended closes the session: with success, or as a failure.
func (t *trackedRun) ended() message {
	status := uint64(1)
	if t.failed != "" {
		status = 2
	}
	return session("session_end_info", message(nil).bytes(4, message(nil).varint(1, status).double(2, t.wall)))
}

// session is an entry of the plugin of hyperparameters, whose tensor is empty.
func session(tag string, content message) message {
	const dtFloat = 1
	tensor := message(nil).varint(1, dtFloat).bytes(2, message(nil).bytes(2, nil))
	plugin := message(nil).text(1, "hparams").bytes(2, content)
	return value("_hparams_/"+tag, func(m message) message {
		return m.bytes(8, tensor).bytes(9, message(nil).bytes(1, plugin))
	})
}

// tidy is a name as trackers allow it: letters, digits, and the signs of keep.
func tidy(s, keep string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(keep, r) {
			return r
		}
		return '-'
	}, s)
}
