package datasets

import "context"

// halves makes two domains of a set that exists only once, such as files: samples at even places are one, samples at odd places the other, in every
// split. Sizes asked for are those of one domain.
type halves struct{ Dataset }

func (h halves) loadDomain(ctx context.Context, o Options, domain string) (*Set, error) {
	o.Train, o.Test, o.Hold = 2*o.Train, 2*o.Test, 2*o.Hold
	set, err := h.Load(ctx, o)
	if err != nil {
		return nil, err
	}
	first := 0
	if domain != "" {
		first = 1
	}
	for _, part := range []**Samples{&set.Train, &set.Test, &set.Hold} {
		if *part == nil {
			continue
		}
		var index []int
		for i := first; i < (*part).Len(); i += 2 {
			index = append(index, i)
		}
		*part = (*part).Select(index)
	}
	set.Tokens = nil // indices of the whole set
	return set, nil
}
