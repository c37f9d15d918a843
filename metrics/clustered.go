package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// Clustering is what the distances between rows say of their independence: frames of one clip or images of one patient lie nearer to each other than independent samples do.
type Clustering struct {
	Rows      int     // that were asked for their neighbours
	Near      int     // of these, those whose nearest few rows stand so far apart from the next as those of one independent row in a hundred
	Dimension float64 // of the data around a row, by its farther neighbours
}

// The constants of Clustered.
const (
	clusterNeighbours = 20  // the farthest looked at: groups of up to half of it are seen
	clusterQueries    = 500 // rows asked, of all
	clusterLeast      = 200 // rows below which nothing is said
	clusterTail       = .01 // share of independent rows that are called near
	clusterTies       = .01 // share of equal distances from which rows lie on a lattice, where gaps say nothing
	clusterAlarm      = .1  // share from which rows look clustered
)

// Clustered looks at the nearest 20 other rows of up to 500 rows, drawn by the seed. For independent rows whose density is even over that range the balls up to the r-th
// neighbour have volumes V_r ~ d_r^D of which the ratios are independent, with
//
//	P(V_r/V_(r+1) < t) = t^r,   D = (H_19 - H_9) / mean log(d_20/d_10),
//
// D being the dimension there [facco2017], H harmonic numbers. A row in a group of r + 1 has r near neighbours and then a gap. Near counts rows of which the greatest of
// the first nine gaps has a chance below 1 % among independent rows: p = min over r of (d_r/d_(r+1))^(D r), 1 - (1-p)^9 < .01. Rows that equal each other are left to
// Duplicates and taken once. It needs at least 200 different rows, and features that are not on a lattice (counts, categories: their distances repeat); else Rows is 0.
func Clustered(ctx context.Context, x *mat.Dense, seed uint64) (c Clustering, err error) {
	x = distinct(x)
	n := rows(x)
	if n < clusterLeast {
		return c, nil
	}
	at := shuffle(canonical(x), seed, "metrics", "clustered")[:min(n, clusterQueries)]
	near, err := numeric.KNN(ctx, pick(x, at), x, clusterNeighbours+1) // the first is the row itself
	if err != nil {
		return c, fmt.Errorf("clustered: %w", err)
	}
	const half = clusterNeighbours / 2
	logs, ties := 0.0, 0
	for i := range near.N {
		_, d10 := near.At(i, half)
		_, d20 := near.At(i, clusterNeighbours)
		logs += math.Log(d20/d10) / 2
		for r := 1; r < half; r++ {
			_, d := near.At(i, r)
			if _, next := near.At(i, r+1); d == next {
				ties++
			}
		}
	}
	if !(logs > 0) || clusterTies*float64((half-1)*near.N) < float64(ties) {
		return Clustering{}, nil
	}
	c.Rows = near.N
	c.Dimension = (harmonicSum(clusterNeighbours-1) - harmonicSum(half-1)) / (logs / float64(near.N))
	for i := range near.N {
		p := 1.
		for r := 1; r < half; r++ {
			_, d := near.At(i, r)
			_, next := near.At(i, r+1)
			p = min(p, math.Pow(d/next, c.Dimension*float64(r)/2))
		}
		if 1-math.Pow(1-p, half-1) < clusterTail {
			c.Near++
		}
	}
	return c, nil
}

// harmonicSum is 1 + 1/2 + ... + 1/n.
func harmonicSum(n int) (h float64) {
	for i := range n {
		h += 1 / float64(i+1)
	}
	return h
}

// Share is the share of the rows that stand in a group.
func (c Clustering) Share() float64 { return float64(c.Near) / float64(max(c.Rows, 1)) }

// Suspicious says that rows look as if some belonged together: a tenth of them stand so, where one independent row in a hundred does.
func (c Clustering) Suspicious() bool { return c.Rows > 0 && c.Share() >= clusterAlarm }
