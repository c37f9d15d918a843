package source_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
)

// Two images of a folder as rows of features.
func ExampleRun_Features() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for i, name := range []string{"black.png", "white.png"} {
		m := &imaging.Image{H: 1, W: 2, C: 1, Pix: []uint8{uint8(255 * i), uint8(255 * i)}}
		if err = imaging.SavePNG(filepath.Join(dir, name), m); err != nil {
			panic(err)
		}
	}
	ctx := context.Background()
	set, err := source.Open(ctx, dir, source.Options{})
	if err != nil {
		panic(err)
	}
	defer set.Close()
	pixels, err := featurizer.Open(ctx, "pixels", featurizer.Env{})
	if err != nil {
		panic(err)
	}
	out, report, err := source.Run{}.Features(ctx, set, pixels)
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Names, out.Features.RawRowView(0), out.Features.RawRowView(1))
	// Output: [black.png white.png] [-1 -1] [1 1]
}
