package metrics

// Domain is on what scale of input a metric is defined, and how far rounding may move its headline value.
type Domain struct {
	Input string `json:"input"` // what the numbers must be
	// Shift says that a vector added to all features, or a number to all pixels and their range, leaves the value as it is.
	Shift bool `json:"shift"`
	// Scale says that a unit s times as large makes the value s^Power times as large; otherwise the unit matters in no such simple way.
	Scale bool    `json:"scale"`
	Power float64 `json:"power"`
	// Rounding is how far the value may be off in float64, relative to itself, while the features' distance from 0 is up to a million times their spread, or a thousand
	// times where the origin matters. The inputs' own rounding comes on top: float32 features at a million hold one digit of their spread.
	Rounding float64 `json:"rounding"`
}

// Limits of rounding, relative to the value. Sums of squares of the spread lose a few last digits; what is taken relative to the origin loses those of the origin too.
const (
	roundingSpread = 1e-8
	roundingOrigin = 1e-3
	roundingPixels = 1e-9
)

// anywhere is the domain of what depends on differences of features alone.
func anywhere(power float64) Domain {
	return Domain{Input: "features of any origin and unit", Shift: true, Scale: true, Power: power, Rounding: roundingSpread}
}

// directions is that of what depends on the angles between features: the origin matters, the unit by a power at most.
func directions(power float64) Domain {
	return Domain{Input: "features whose 0 and directions mean something, of any unit; far from 0 all directions are one", Scale: true, Power: power, Rounding: roundingOrigin}
}

// fromOrigin is that of polynomial kernels of features as they are.
func fromOrigin() Domain {
	return Domain{Input: "features whose 0 and unit mean something: the kernel weighs distance from 0 against its constant", Rounding: roundingOrigin}
}

// classes is that of what reads class probabilities.
func classes() Domain {
	return Domain{Input: "probabilities, or logits in natural logarithms", Rounding: 1e-9}
}

// pixels is that of what reads images: values are taken from 0 to L by their range.
func pixels(power float64) Domain {
	return Domain{Input: "pixels from Lo to Hi, which the formulas take as 0 to L", Shift: true, Scale: true, Power: power, Rounding: roundingPixels}
}

// fixed is that of numbers with a meaning of their own.
func fixed(input string) Domain { return Domain{Input: input, Rounding: 1e-9} }
