package rng

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/bits"
	"math/rand/v2"

	"github.com/assay-gan/assay/internal/kernel"
)

// Source is one stream: Philox4x32 with 10 rounds [salmon2011], keyed by seed and names. It is not safe for concurrent use.
type Source struct {
	key   [2]uint32
	salt  uint64     // upper half of the 128-bit counter
	block uint64     // lower half: the next block to generate
	buf   [32]uint32 // eight blocks: a vector of counters runs in the time of one
	used  int        // words of buf already handed out
}

var _ rand.Source = (*Source)(nil)

// Stream returns the stream of a seed and a path of names, for example Stream(1, "sample", "dcgan"). The names are hashed with their lengths:
// ("ab", "c") and ("a", "bc") are different streams.
func Stream(seed uint64, names ...string) *Source {
	h := sha256.New()
	var b [8]byte
	write := func(v uint64) {
		binary.LittleEndian.PutUint64(b[:], v)
		h.Write(b[:])
	}
	write(seed)
	for _, n := range names {
		write(uint64(len(n)))
		h.Write([]byte(n))
	}
	d := h.Sum(nil)
	return &Source{
		key:  [2]uint32{binary.LittleEndian.Uint32(d), binary.LittleEndian.Uint32(d[4:])},
		salt: binary.LittleEndian.Uint64(d[8:]),
		used: len(Source{}.buf),
	}
}

func (s *Source) fill() {
	kernel.Philox(&s.buf, s.key, s.salt, s.block)
	s.block += uint64(len(s.buf) / 4)
	s.used = 0
}

// Uint32 returns the next 32 random bits.
func (s *Source) Uint32() uint32 {
	if s.used == len(s.buf) {
		s.fill()
	}
	v := s.buf[s.used]
	s.used++
	return v
}

// Uint64 returns the next 64 random bits.
func (s *Source) Uint64() uint64 {
	if s.used > len(s.buf)-2 {
		return s.uint64()
	}
	lo, hi := s.buf[s.used&31], s.buf[(s.used+1)&31]
	s.used += 2
	return uint64(lo) | uint64(hi)<<32
}

func (s *Source) uint64() uint64 {
	lo := uint64(s.Uint32())
	return lo | uint64(s.Uint32())<<32
}

// Float64 returns a number uniform on [0, 1) with 53 random bits.
func (s *Source) Float64() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }

// Float32 returns a number uniform on [0, 1) with 24 random bits.
func (s *Source) Float32() float32 { return float32(s.Uint32()>>8) * 0x1p-24 }

// IntN returns a number uniform on {0, ..., n-1} without modulo bias. It panics if n < 1, as math/rand does.
func (s *Source) IntN(n int) int {
	if n < 1 {
		panic(fmt.Sprintf("rng: IntN(%d): n must be at least 1", n))
	}
	limit := uint64(n)
	hi, lo := bits.Mul64(s.Uint64(), limit)
	if lo < limit {
		for t := -limit % limit; lo < t; {
			hi, lo = bits.Mul64(s.Uint64(), limit)
		}
	}
	return int(hi)
}

// FillUniform fills x with numbers uniform on [lo, hi).
func (s *Source) FillUniform(x []float32, lo, hi float32) {
	for i := range x {
		x[i] = lo + (hi-lo)*s.Float32()
	}
}

// Perm returns a random permutation of 0..n-1.
func (s *Source) Perm(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	s.Shuffle(n, func(i, j int) { p[i], p[j] = p[j], p[i] })
	return p
}

// Shuffle permutes n elements by swaps (Fisher-Yates).
func (s *Source) Shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, s.IntN(i+1))
	}
}

// position is the serialised form: the key and salt pin the stream, so that a checkpoint cannot be continued with another stream's position. It counts blocks
// of four words: Block is the one to generate when four of the current one are Used.
type position struct {
	Key   [2]uint32 `json:"key"`
	Salt  uint64    `json:"salt"`
	Block uint64    `json:"block"`
	Used  int       `json:"used"`
}

// MarshalText gives the stream's identity and position; UnmarshalText continues there.
func (s *Source) MarshalText() ([]byte, error) {
	p := position{s.key, s.salt, s.block, 4}
	if left := len(s.buf) - s.used; left > 0 {
		p.Block -= uint64(left / 4)
		p.Used = 4 - left%4
	}
	return json.Marshal(p)
}

// UnmarshalText moves the stream to a position written by MarshalText. A zero Source becomes that stream; any other must already be the same
// stream, else an error says so.
func (s *Source) UnmarshalText(b []byte) error {
	var p position
	if err := json.Unmarshal(b, &p); err != nil {
		return fmt.Errorf("rng: stream position: %w", err)
	}
	if p.Used < 0 || p.Used > 4 || (p.Block == 0 && p.Used != 4) {
		return fmt.Errorf("rng: stream position: %d words used of block %d is impossible", p.Used, p.Block)
	}
	if *s != (Source{}) && (s.key != p.Key || s.salt != p.Salt) {
		return fmt.Errorf("rng: the position belongs to another stream (another seed or name)")
	}
	*s = Source{key: p.Key, salt: p.Salt, block: p.Block, used: len(s.buf)}
	if p.Used < 4 {
		s.block--
		s.fill()
		s.used = p.Used
	}
	return nil
}
