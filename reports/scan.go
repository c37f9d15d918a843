package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
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
func scan(r io.Reader, name string) (out scanned, err error) {
	err = inPieces(r, name, false, func(order <-chan *piece) (err error) {
		out, err = collect(order, name, sizeOf(r))
		return err
	})
	if err != nil {
		return scanned{}, err
	}
	return out, nil
}

// inPieces cuts a file and decodes its pieces, lean ones as Skim does; gather takes them in their order, and may end before the last.
func inPieces(r io.Reader, name string, lean bool, gather func(order <-chan *piece) error) error {
	workers := max(1, runtime.GOMAXPROCS(0))
	work, order := make(chan *piece), make(chan *piece, 2*workers)
	for range workers {
		go func() {
			d := newDecoder()
			d.lean = lean
			for p := range work {
				p.decode(d)
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
	err := gather(order)
	close(stop)
	for p := range order { // what was cut before the stop
		<-p.done
	}
	if err == nil && reading != nil {
		err = fmt.Errorf("%s:%w", name, reading)
	}
	return err
}

// sizeOf is how many bytes a reader holds, 0 where it does not say.
func sizeOf(r io.Reader) int64 {
	if s, ok := r.(interface{ Size() int64 }); ok {
		return s.Size()
	}
	return 0
}

// collect puts the pieces of a file together in their order; size is that of the file, 0 where it is not known.
func collect(order <-chan *piece, name string, size int64) (out scanned, err error) {
	var said claims
	line := 0
	for p := range order {
		<-p.done
		before := len(out.recs)
		if before == 0 && !p.ended { // the rest is likely to be as this is: growing step by step would copy everything again and again
			out.recs = slices.Grow(out.recs, int(1.02*float64(len(p.recs))*float64(size)/float64(max(len(p.text), 1))))
		}
		out.recs, out.sealed = append(out.recs, p.recs...), out.sealed+p.sealed
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
		p.recycle()
	}
	return out, nil
}

// cut reads a file to its end and hands its lines on by the piece, the last one with what has no line end; more false ends it.
func cut(r io.Reader, more func(*piece) bool) error {
	var at int64
	var rest []byte
	line := 1
	for {
		p := newPiece(len(rest) + block)
		text := append(p.text, rest...)
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
		rest = append(rest[:0], text[whole:]...) // the piece is another's as soon as it is handed on
		p.text, p.at, p.ended, p.lines = text[:whole], at, ended, bytes.Count(text[:whole], []byte{'\n'})
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

// leastLine is about as short as the line of a record can be, in bytes.
const leastLine = 100

// spare are pieces that were put together.
var spare sync.Pool

// newPiece is an empty piece with room for a text.
func newPiece(room int) *piece {
	p := &piece{}
	if old, ok := spare.Get().(*piece); ok {
		*p = piece{text: old.text[:0], recs: old.recs[:0], number: old.number[:0]}
	}
	p.done = make(chan struct{})
	if cap(p.text) < room {
		p.text = make([]byte, 0, room)
	}
	return p
}

// recycle gives a piece away, of which nothing is needed any more.
func (p *piece) recycle() {
	clear(p.recs) // so that it keeps nothing alive
	spare.Put(p)
}

// decode reads the lines of the piece.
func (p *piece) decode(d *decoder) {
	room := min(p.lines, len(p.text)/leastLine) + 1 // blank lines get none
	p.recs, p.number = slices.Grow(p.recs, room), slices.Grow(p.number, room)
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
