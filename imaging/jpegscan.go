package imaging

import (
	"errors"
	"fmt"
)

// jpegScan is one pass over some components.
type jpegScan struct {
	*jpegDecoder
	bitReader
	parts      []scanPart
	start, end int // band of coefficients in zigzag order
	high, low  int // successive approximation
}

type scanPart struct {
	c      *jpegComponent
	dc, ac *huffman
	last   int32 // value of the DC coefficient before
}

// scan reads the header of a scan and then its data.
func (d *jpegDecoder) scan(b []byte) error {
	if d.comps == nil {
		return errors.New("a scan before the frame")
	}
	if d.scans++; d.scans > maxScans {
		return fmt.Errorf("more than %d scans", maxScans)
	}
	if len(b) < 1 || b[0] < 1 || b[0] > 4 || len(b) != 4+2*int(b[0]) {
		return errors.New("scan of a wrong length")
	}
	n := int(b[0])
	s := &jpegScan{jpegDecoder: d, start: int(b[1+2*n]), end: int(b[2+2*n]), high: int(b[3+2*n] >> 4), low: int(b[3+2*n] & 15)}
	blocks := 0
	for i := range n {
		p, err := d.part(b[1+2*i], b[2+2*i])
		if err != nil {
			return err
		}
		for _, o := range s.parts {
			if o.c == p.c {
				return errors.New("a component twice in a scan")
			}
		}
		blocks += p.c.h * p.c.v
		s.parts = append(s.parts, p)
	}
	if n > 1 && blocks > 10 {
		return errors.New("more than 10 blocks in an MCU")
	}
	if !d.progressive {
		s.start, s.end, s.high, s.low = 0, 63, 0, 0
	}
	if s.end > 63 || s.start > s.end || s.low > 13 || s.high != 0 && s.high != s.low+1 || d.progressive && (s.start == 0) != (s.end == 0) || s.start > 0 && n > 1 {
		return errors.New("a scan of an impossible band")
	}
	s.bitReader = bitReader{data: d.data, at: d.at}
	d.eobrun = 0
	err := s.run()
	d.at = s.bitReader.at // bytes that were read ahead hold no marker
	return err
}

// part finds a component of a scan and its tables.
func (d *jpegDecoder) part(id, tables byte) (scanPart, error) {
	for i := range d.comps {
		c := &d.comps[i]
		if c.id != int(id) {
			continue
		}
		if tables>>4 > 3 || tables&15 > 3 {
			return scanPart{}, errors.New("a scan names a table out of range")
		}
		if c.quant == nil {
			if c.quant = d.quant[c.table]; c.quant == nil {
				return scanPart{}, errors.New("a component names a quantisation table that is not there")
			}
			c.coefs = make([]int16, 64*c.across*c.down)
		}
		return scanPart{c: c, dc: d.dc[tables>>4], ac: d.ac[tables&15]}, nil
	}
	return scanPart{}, errors.New("a scan of an unknown component")
}

// run decodes all MCUs, restarts between them.
func (s *jpegScan) run() error {
	across, down := ceilDiv(s.w, 8*s.hmax), ceilDiv(s.h, 8*s.vmax)
	single := len(s.parts) == 1 // not interleaved: only the blocks that hold pixels are there
	if c := s.parts[0].c; single {
		across, down = ceilDiv(c.w, 8), ceilDiv(c.rows, 8)
	}
	next := byte(0xd0)
	for mcu := range across * down {
		if s.restart > 0 && mcu > 0 && mcu%s.restart == 0 {
			if err := s.restartAt(next); err != nil {
				return err
			}
			next = 0xd0 + (next-0xd0+1)%8
		}
		x, y := mcu%across, mcu/across
		for i := range s.parts {
			p := &s.parts[i]
			if single {
				if err := s.block(p, x, y); err != nil {
					return err
				}
				continue
			}
			for k := range p.c.h * p.c.v {
				if err := s.block(p, x*p.c.h+k%p.c.h, y*p.c.v+k/p.c.h); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// restartAt takes the marker that must come now, and begins anew.
func (s *jpegScan) restartAt(m byte) error {
	s.acc, s.n, s.eobrun = 0, 0, 0
	for s.bitReader.at+1 < len(s.bitReader.data) && s.bitReader.data[s.bitReader.at] == 0xff && s.bitReader.data[s.bitReader.at+1] == 0xff { // fill bytes
		s.bitReader.at++
	}
	if s.bitReader.at+1 >= len(s.bitReader.data) || s.bitReader.data[s.bitReader.at] != 0xff || s.bitReader.data[s.bitReader.at+1] != m {
		return errors.New("a restart marker is missing")
	}
	s.bitReader.at += 2
	for i := range s.parts {
		s.parts[i].last = 0
	}
	return nil
}

// block decodes what the scan says of one block.
func (s *jpegScan) block(p *scanPart, x, y int) error {
	at := 64 * (y*p.c.across + x)
	b := p.c.coefs[at : at+64 : at+64]
	if s.high > 0 {
		return s.refine(p, b)
	}
	k := s.start
	if k == 0 {
		n, err := s.symbol(p.dc)
		if err != nil {
			return err
		}
		if n > 15 {
			return errors.New("a DC coefficient of more than 15 bits")
		}
		v, err := s.signed(int(n))
		if err != nil {
			return err
		}
		p.last += v
		b[0] = int16(p.last << s.low)
		k = 1
	}
	if s.end == 0 {
		return nil
	}
	if s.eobrun > 0 {
		s.eobrun--
		return nil
	}
	return s.band(p, b, k)
}

// band decodes coefficients from k on, for the first time.
func (s *jpegScan) band(p *scanPart, b []int16, k int) error {
	for ; k <= s.end; k++ {
		rs, err := s.symbol(p.ac)
		if err != nil {
			return err
		}
		zeros, size := int(rs>>4), int(rs&15)
		if size == 0 {
			if zeros == 15 {
				k += 15
				continue
			}
			if zeros > 0 && !s.progressive {
				return errors.New("an end of band in a sequential scan")
			}
			extra, short := s.bits(zeros)
			if short != nil {
				return short
			}
			s.eobrun = 1<<zeros + int(extra) - 1
			return nil
		}
		if k += zeros; k > s.end {
			return errors.New("coefficients beyond a block")
		}
		v, err := s.signed(size)
		if err != nil {
			return err
		}
		b[zigzag[k]] = int16(v << s.low)
	}
	return nil
}

// refine reads one more bit of coefficients that an earlier scan began.
func (s *jpegScan) refine(p *scanPart, b []int16) error {
	one := int16(1) << s.low
	if s.start == 0 {
		bit, err := s.bits(1)
		if bit != 0 {
			b[0] |= one
		}
		return err
	}
	k := s.start
	for s.eobrun == 0 && k <= s.end {
		rs, err := s.symbol(p.ac)
		if err != nil {
			return err
		}
		zeros, fresh := int(rs>>4), int16(0)
		switch rs & 15 {
		case 0:
			if zeros < 15 {
				extra, short := s.bits(zeros)
				if short != nil {
					return short
				}
				s.eobrun = 1<<zeros + int(extra)
				continue
			}
		case 1:
			bit, short := s.bits(1)
			if short != nil {
				return short
			}
			if fresh = one; bit == 0 {
				fresh = -one
			}
		default:
			return errors.New("a new coefficient of more than one bit in a refining scan")
		}
		if k, err = s.pass(b, k, zeros, one); err != nil {
			return err
		}
		if fresh != 0 {
			if k > s.end {
				return errors.New("coefficients beyond a block")
			}
			b[zigzag[k]] = fresh
		}
		k++
	}
	if s.eobrun > 0 {
		s.eobrun--
		_, err := s.pass(b, k, 64, one)
		return err
	}
	return nil
}

// pass refines the coefficients that are not zero from k on, over so many zeros, and stops at the zero behind them or at the band's end.
func (s *jpegScan) pass(b []int16, k, zeros int, one int16) (int, error) {
	for ; k <= s.end; k++ {
		c := &b[zigzag[k]]
		if *c == 0 {
			if zeros == 0 {
				return k, nil
			}
			zeros--
			continue
		}
		bit, err := s.bits(1)
		if err != nil {
			return k, err
		}
		if bit != 0 && *c&one == 0 {
			if *c > 0 {
				*c += one
			} else {
				*c -= one
			}
		}
	}
	return k, nil
}
