package audit

import (
	"context"
	"sync"

	"github.com/assay-gan/assay/internal/crew"
	"github.com/assay-gan/assay/threads"
)

// Progress is how far an audit is.
type Progress struct {
	Text        string  // what is in work
	Done, Total float64 // pieces, parts of one among them
}

// atOnce carries out n pieces, as many at a time as there are threads, and returns the first error; none is begun after one. tell, which may be nil, hears of them in turns.
func atOnce(ctx context.Context, n int, tell func(Progress), piece func(ctx context.Context, i int, tell func(text string, share float64)) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var mu sync.Mutex
	shares, next := make([]float64, n), 0
	said := func(i int, text string, share float64) {
		mu.Lock()
		defer mu.Unlock()
		if shares[i] = share; tell == nil {
			return
		}
		p := Progress{Text: text, Total: float64(n)}
		for _, s := range shares {
			p.Done += s
		}
		tell(p)
	}
	var all crew.Group
	for range min(n, threads.Count()) {
		all.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n || ctx.Err() != nil {
					return
				}
				text := ""
				err := piece(ctx, i, func(t string, share float64) {
					text = t
					said(i, t, share)
				})
				if err != nil {
					stop(err)
					return
				}
				said(i, text, 1)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}
