package metrics

import "context"

type pointOnly struct{}

// PointOnly returns a context under which metrics leave out the intervals that they would make by scoring parts of the rows, which is up to twenty times the work of
// the value. The values are the same to the bit; NoInterval says why there is none. It is for whoever repeats a score on many data sets and sees the spread there.
func PointOnly(ctx context.Context) context.Context {
	return context.WithValue(ctx, pointOnly{}, true)
}

// noPartsWanted is why a value has no interval under PointOnly.
const noPartsWanted = "not asked for: the values alone were"

func isPointOnly(ctx context.Context) bool { return ctx.Value(pointOnly{}) != nil }
