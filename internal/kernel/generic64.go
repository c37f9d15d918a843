package kernel

// set64 holds the float64 primitives behind BLAS64.
type set64 struct{}

var generic64 = set64{}
