package rng_test

import (
	"fmt"

	"github.com/assay-gan/assay/rng"
)

// Streams of the same seed and names are the same numbers; another name is another stream.
func ExampleStream() {
	a, b, c := rng.Stream(1, "sample", "dcgan"), rng.Stream(1, "sample", "dcgan"), rng.Stream(1, "sample", "wgan")
	x, y, z := a.Uint64(), b.Uint64(), c.Uint64()
	fmt.Println(x == y, x == z)
	// Output: true false
}

// A stream that was kept goes on where it stopped.
func ExampleSource_MarshalText() {
	s := rng.Stream(1, "training")
	s.Normal()
	text, err := s.MarshalText()
	if err != nil {
		panic(err)
	}
	var resumed rng.Source
	if err := resumed.UnmarshalText(text); err != nil {
		panic(err)
	}
	fmt.Println(s.Normal() == resumed.Normal())
	// Output: true
}
