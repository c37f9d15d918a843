package nn

import (
	"cmp"
	"slices"
)

// sortByID sorts nodes by the order of their creation.
func sortByID(nodes []*Node) {
	slices.SortFunc(nodes, func(a, b *Node) int { return cmp.Compare(a.ID(), b.ID()) })
}
