// Command external is an assay of one's own: everything that ships, and a model, a metric, a data set, a featurizer and a report format that this module brings.
// It imports public packages alone, as any module can.
package main

import (
	"os"

	"github.com/assay-gan/assay/command"
)

func main() { os.Exit(command.Main(kit())) }
