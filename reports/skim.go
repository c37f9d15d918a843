package reports

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// ErrUnusual is wrapped by the error for a file that Skim cannot read in its quick way. Salvage can.
var ErrUnusual = errors.New("not as a run writes it")

// errUnsealed is why a line without a checksum is not skimmed: what is passed over in it may be no record's.
var errUnsealed = errors.New("no checksum")

// Skim reads records for who counts them, in a third of the time that Salvage takes: it calls see with the records of each cell, in the order of the file, without
// settings, intervals, warnings, conventions, alarms and provenance. They are see's until it returns. Checksums are checked; whether lines contradict each other is not,
// and a cell whose lines do not stand together is seen more than once. Errors: a damaged line or one without a checksum (ErrUnusual), what r says, what see returns.
func Skim(r io.Reader, name string, see func(cell []Record) error) error {
	return inPieces(r, name, true, func(order <-chan *piece) error {
		var open []Record // of a cell that may go on in the next piece
		for p := range order {
			<-p.done
			if len(p.damage) > 0 {
				return fmt.Errorf("%s: %w: %w", name, ErrUnusual, p.damage[0].err)
			}
			recs := p.recs
			if len(open) > 0 {
				n := 0
				for n < len(recs) && recs[n].Cell == open[0].Cell {
					n++
				}
				if open, recs = append(open, recs[:n]...), recs[n:]; len(recs) == 0 && !p.ended {
					p.recycle()
					continue
				}
				if err := see(open); err != nil {
					return err
				}
				open = open[:0]
			}
			last := len(recs)
			for !p.ended && last > 0 && recs[last-1].Cell == recs[len(recs)-1].Cell {
				last--
			}
			for of := range cellsOf(recs[:last]) {
				if err := see(of); err != nil {
					return err
				}
			}
			open = slices.Concat(open[:0], recs[last:])
			p.recycle()
		}
		if len(open) > 0 {
			return see(open)
		}
		return nil
	})
}
