package metrics

import (
	"context"
	"slices"
	"testing"
)

// Real 0 1 10, k 1: radii 1 1 9. A fake at .5 lies in the balls of 0 and 1, one at 5 in that of 10 alone, one at 30 in none.
func TestRarityByHand(t *testing.T) {
	p := Pair{Real: onLine(0, 1, 10), Fake: onLine(.5, 5, 30)}
	valuesOf(t, Rarity{K: 1}, p, map[string]float64{"rarity": 5, "rarity_in": 2. / 3})
	s, err := Rarity{K: 1}.Samples(context.Background(), p)
	if err != nil || !slices.Equal(s, []float64{1, 9, 0}) {
		t.Errorf("%v %v", s, err)
	}
	// k 2: radii 3 2 3. 0 lies in the ball of 1, 1 in those of 0 and 3, 3 is 3 from 0 and 2 from 1, which is not inside.
	valuesOf(t, Rarity{K: 2}, Pair{Real: onLine(0, 1, 3), Fake: p.Fake}, map[string]float64{"rarity_real": 2.5})
}
