package datasets

import (
	"context"
	"math"

	"github.com/assay-gan/assay/rng"
)

// Checkerboard is uniform on the dark squares of a board, by default the 8 squares of side 2 on [-4, 4]^2 of FFJORD's toy data [grathwohl2019]: where
//
//	floor(x / side) + floor(y / side) is even,   with squares on each half axis
//
// Its density is constant inside and 0 outside, with edges that no smooth map of a normal distribution gives exactly. Labels are the squares, column after column.
type Checkerboard struct{}

var _ Dataset = Checkerboard{}

// Info describes the set.
func (Checkerboard) Info() Info {
	return Info{
		ID: "checkerboard", Title: "The dark squares of a board", Kind: Points, Shape: []int{2}, Classes: classNames("square-", 8), Known: true,
		Paper: "grathwohl2019", License: "synthetic, no rights reserved", Sizes: Sizes{100_000, 10_000, 10_000},
		Params: []Param{
			{"squares", 2, 1, 50, true, "squares from the middle to an edge: a board of (2 squares)^2, half of them dark"},
			{"side", 2, 1e-6, 1e6, false, "side of a square"},
		},
	}
}

// Load draws the splits from three streams of the seed.
func (c Checkerboard) Load(ctx context.Context, o Options) (*Set, error) {
	info := c.Info()
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	law := board{squares: int(p["squares"]), side: p["side"]}
	info.Classes = classNames("square-", law.dark())
	return drawSplits(ctx, &Set{Info: info, Law: law, Valid: law.inside}, o, law, "")
}

// board is the law of Checkerboard.
type board struct {
	squares int // from the middle to an edge
	side    float64
}

var _ Law = board{}

// Dim is 2.
func (board) Dim() int { return 2 }

func (b board) dark() int { return 2 * b.squares * b.squares }

// Draw puts a point on a dark square, which is its label. A number that float32 would round onto the next square is drawn again.
func (b board) Draw(x []float32, src *rng.Source) int {
	for {
		k := src.IntN(b.dark())
		column := k / b.squares
		row := 2*(k%b.squares) + column%2
		x[0] = float32((float64(column-b.squares) + src.Float64()) * b.side)
		x[1] = float32((float64(row-b.squares) + src.Float64()) * b.side)
		if b.inside(x) {
			return k
		}
	}
}

// LogDensity is -ln of the dark area inside, -Inf outside.
func (b board) LogDensity(x []float32) float64 {
	switch {
	case len(x) != 2:
		return math.NaN()
	case !b.inside(x):
		return math.Inf(-1)
	}
	return -math.Log(float64(b.dark()) * b.side * b.side)
}

func (b board) inside(x []float32) bool {
	if len(x) != 2 {
		return false
	}
	column, row := math.Floor(float64(x[0])/b.side), math.Floor(float64(x[1])/b.side)
	n := float64(b.squares)
	return column >= -n && column < n && row >= -n && row < n && math.Mod(column+row, 2) == 0
}
