// Package crew runs goroutines whose panics reach the one who waits for them. A panic in a goroutine of its own ends the whole program with a stack, whatever
// the caller would have made of it: a failed cell, or one line and a report.
package crew

import "sync"

// Group is a sync.WaitGroup whose Wait panics with what the first of its goroutines panicked with. The zero value is ready.
type Group struct {
	wait  sync.WaitGroup
	once  sync.Once
	value any
}

// Go runs f in a goroutine of its own.
func (g *Group) Go(f func()) {
	g.wait.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				g.once.Do(func() { g.value = p })
			}
		}()
		f()
	})
}

// Wait returns when all are done, or panics then if one of them did.
func (g *Group) Wait() {
	g.wait.Wait()
	if g.value != nil {
		panic(g.value)
	}
}
