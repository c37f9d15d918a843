package kernel

import "unsafe"

// at returns the address of p[n]. Callers stay inside the slice that p points into.
func at(p *float32, n int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), n*4)) }

// floats returns the n floats from p on.
func floats(p *float32, n int) []float32 { return unsafe.Slice(p, n) }
