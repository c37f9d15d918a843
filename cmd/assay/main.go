// Command assay trains generative models, scores generators and turns runs into reports and gate verdicts.
package main

import (
	"os"

	"github.com/assay-gan/assay/command"
	"github.com/assay-gan/assay/runners"
)

func main() { os.Exit(command.Main(runners.DefaultKit())) }
