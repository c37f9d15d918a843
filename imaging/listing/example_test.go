package listing_test

import (
	"fmt"

	"github.com/assay-gan/assay/imaging/listing"
)

// What systems leave behind is no part of a set, at any depth.
func ExampleLitter() {
	fmt.Println(listing.Litter("cats/one.png"), listing.Litter("__MACOSX/cats/one.png"), listing.Litter("cats/.DS_Store"))
	// Output: false true true
}
