package source_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
)

// The images of a folder, one by one.
func ExampleOpen() {
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
	for i, it := range set.Items {
		m, _, err := set.Image(i)
		if err != nil {
			panic(err)
		}
		fmt.Println(it.Name, m.H, m.W, m.C, m.Pix[0], m.Pix[1])
	}
	// Output:
	// black.png 1 2 1 0 0
	// white.png 1 2 1 255 255
}
