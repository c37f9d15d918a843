package queue

import "time"

// SetClock gives the coordinator another clock.
func (o *Options) SetClock(now func() time.Time) { o.now = now }

// ResultSubject is where results are published.
func ResultSubject(name, hash string) string { return study{name: name}.subject("result", hash) }
