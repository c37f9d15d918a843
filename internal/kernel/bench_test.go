package kernel

import "testing"

// flops reports GFLOP/s and the share of what the cores' multiply-add units can do.
func flops(b *testing.B, perOp float64, size, threads int) {
	g := perOp * float64(b.N) / b.Elapsed().Seconds() / 1e9
	b.ReportMetric(g, "GFLOP/s")
	peak := Peak() * float64(min(threads, cores())) * 4 / float64(size)
	b.ReportMetric(100*g/peak, "%peak")
}
