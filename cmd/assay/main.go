// Command assay trains generative models, scores generators and turns runs into reports and gate verdicts.
package main

import (
	"context"
	"os"

	"github.com/assay-gan/assay/internal/cli"
)

func main() { os.Exit(cli.Run(context.Background(), os.Stdout, os.Stderr, os.Args[1:])) }
