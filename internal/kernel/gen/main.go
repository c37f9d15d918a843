// Command gen writes the x86 assembly of package kernel: every primitive once for AVX-512 and once for AVX2 with FMA,
// from the same description. Run it through go generate in internal/kernel.
package main

import (
	. "github.com/mmcloughlin/avo/build" // an assembler reads best without qualifiers
)

func main() {
	ConstraintExpr("amd64")
	for _, m := range []*machine{avx512(), avx2()} {
		gemms(m)
		packers(m)
		thin(m)
		toom(m)
		patches(m)
		direct(m)
		columns(m)
		elementwise(m)
		recurrent(m)
		optimisers(m)
		reductions(m)
		rows(m)
		double(m)
		philox(m)
		peak(m)
		reach(m)
		cubes(m)
	}
	Generate()
}
