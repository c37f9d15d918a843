package zootest_test

import (
	"fmt"

	"github.com/assay-gan/assay/zoo/zootest"
)

// The small sets that the laws train on. The test of a model of one's own is one line: zootest.Laws(t, mine{}, bibliography).
func ExamplePoints() {
	set := zootest.Points()
	fmt.Println(set.Info.Kind, set.Train.Len(), set.Train.Shape)
	// Output: points 300 [2]
}
