// Command assay trains generative models, scores generators and turns runs into reports and gate verdicts.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/assay-gan/assay/command"
)

// heapGrowth is how far, in percent, the heap may outgrow what is in use before it is collected. What is in use is few, large matrices: Go's usual 100 would let
// a score of 10 000 x 2048 features a side take 1.7 GB where 1.0 does, and collecting so few objects more often costs no time that can be measured.
const heapGrowth = 20

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	os.Exit(command.Run(context.Background(), os.Stdout, os.Stderr, os.Args[1:]))
}
