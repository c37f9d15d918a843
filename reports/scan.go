package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
)

// scanned is what a records file holds.
type scanned struct {
	recs   []Record
	sealed int // lines with a checksum
	damage []Damage
	torn   *Torn
	last   Damage // the torn line, where there is one
}

// block is how much of a file is read at a time, in bytes; lines go to the decoders by the block.
const block = 1 << 20

// piece is some whole lines of a file, and what was found in them.
type piece struct {
	text  []byte
	at    int64 // offset of the first byte
	ended bool  // the file ends here
	done  chan struct{}

	lines  int // line ends
	recs   []Record
	number []int // line of each record, counted from 1 within the piece
	sealed int
	damage []Damage
	starts []int // offset of each damaged line in the piece
}

// scan reads a file by several decoders at once; what comes out does not depend on how many there are. The errors are those of Salvage.
func scan(r io.Reader, name string) (scanned, error) {
	workers := max(1, runtime.GOMAXPROCS(0))
	work, order := make(chan *piece), make(chan *piece, 2*workers)
	for range workers {
		go func() {
			for p := range work {
				p.decode()
				close(p.done)
			}
		}()
	}
	var reading error
	stop := make(chan struct{})
	go func() {
		defer close(work)
		defer close(order)
		reading = cut(r, func(p *piece) bool {
			select {
			case order <- p:
			case <-stop:
				return false
			}
			work <- p
			return true
		})
	}()
	out, err := collect(order, name)
	close(stop)
	for p := range order { // what was cut before the stop
		<-p.done
	}
	if err == nil && reading != nil {
		err = fmt.Errorf("%s:%w", name, reading)
	}
	if err != nil {
		return scanned{}, err
	}
	return out, nil
}

// collect puts the pieces together in their order.
func collect(order <-chan *piece, name string) (out scanned, err error) {
	var said claims
	line := 0
	for p := range order {
		<-p.done
		before := len(out.recs)
		out.recs, out.sealed = append(slices.Grow(out.recs, len(p.recs)), p.recs...), out.sealed+p.sealed
		for i := range p.recs {
			if bad := said.add(out.recs, before+i, line+p.number[i]); bad != nil {
				return out, fmt.Errorf("%s:%d: %w: %w; repair or delete the line", name, line+p.number[i], ErrRecord, bad)
			}
		}
		for i, d := range p.damage {
			d.Line, d.at = d.Line+line, d.at+before
			if torn := p.ended && d.Line == line+p.lines+1; torn {
				out.torn, out.last = &Torn{Line: d.Line, At: p.at + int64(p.starts[i]), Bytes: len(p.text) - p.starts[i]}, d
				continue
			}
			out.damage = append(out.damage, d)
		}
		line += p.lines
	}
	return out, nil
}

// cut reads a file to its end and hands its lines on by the piece, the last one with what has no line end; more false ends it.
func cut(r io.Reader, more func(*piece) bool) error {
	var at int64
	var rest []byte
	line := 1
	for {
		text := make([]byte, len(rest), len(rest)+block)
		copy(text, rest)
		n, err := io.ReadFull(r, text[len(rest):cap(text)])
		text = text[:len(rest)+n]
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return fmt.Errorf("%d: %w", line, err)
		}
		whole := len(text)
		if !ended {
			whole = bytes.LastIndexByte(text, '\n') + 1
		}
		rest = text[whole:]
		p := &piece{text: text[:whole:whole], at: at, ended: ended, done: make(chan struct{}), lines: bytes.Count(text[:whole], []byte{'\n'})}
		at, line = at+int64(whole), line+p.lines
		if tooLong := longest(p.text); max(tooLong, len(rest)) > maxLine {
			return fmt.Errorf("%d: %w: longer than %d bytes", line, ErrRecord, maxLine)
		}
		if !more(p) || ended {
			return nil
		}
	}
}

// longest is the length of the longest line.
func longest(text []byte) (n int) {
	if len(text) <= maxLine {
		return 0 // nobody asks below
	}
	for l := range bytes.Lines(text) {
		n = max(n, len(l))
	}
	return n
}

// decode reads the lines of the piece.
func (p *piece) decode() {
	d := newDecoder()
	number, at := 0, 0
	for l := range bytes.Lines(p.text) {
		number++
		start := at
		at += len(l)
		body := bytes.TrimSpace(l)
		if len(body) == 0 {
			continue
		}
		r, sealed, err := d.parse(body)
		if sealed && err == nil {
			p.sealed++
		}
		if err != nil {
			bad := damaged(number, body, err)
			bad.at = len(p.recs)
			p.damage, p.starts = append(p.damage, bad), append(p.starts, start)
			continue
		}
		p.recs, p.number = append(p.recs, r), append(p.number, number)
	}
}
