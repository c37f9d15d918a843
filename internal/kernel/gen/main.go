// Command gen writes the assembly of package kernel: every primitive once for AVX-512 and once for AVX2 with FMA or, with -arch arm64, for NEON,
// from the same description. Run it through go generate in internal/kernel.
package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/build" // an assembler reads best without qualifiers
)

func main() {
	arch := flag.String("arch", "amd64", "amd64, or arm64 for NEON")
	flag.Parse()
	ConstraintExpr(*arch)
	machines := []*machine{avx512(), avx2()}
	if *arch == "arm64" {
		machines = []*machine{neon()}
	}
	for _, m := range machines {
		gemms(m)
		packers(m)
		thin(m)
		toom(m)
		patches(m)
		if !m.neon { // a packed panel gives it four rows of A in one load
			direct(m)
		}
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
	if *arch == "arm64" {
		translate(flag.Lookup("out").Value.String())
	}
}
