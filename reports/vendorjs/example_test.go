package vendorjs_test

import (
	"fmt"

	"github.com/assay-gan/assay/reports/vendorjs"
)

func ExampleScripts() {
	scripts, err := vendorjs.Scripts()
	if err != nil {
		panic(err)
	}
	for _, s := range scripts {
		fmt.Println(s.Name, s.Version, len(s.Packed) < len(s.Source))
	}
	// Output:
	// vega 6.4.0 true
	// vega-lite 6.5.0 true
	// vega-embed 7.3.0 true
	// vega-interpreter 2.3.2 true
}
