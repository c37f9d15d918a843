package zoo

// Meaning says what a setting does in training. Searches draw a setting from the range of its meaning, so that one table of ranges serves every model.
type Meaning string

// The meanings. Capacity, lengths, and choices that make another method of a model have none: a search leaves them alone unless it is told otherwise.
const (
	Rate          Meaning = "rate"          // a learning rate
	Momentum      Meaning = "momentum"      // Adam's beta1
	CriticSteps   Meaning = "critic steps"  // updates of the critic before each of the generator
	Normalisation Meaning = "normalisation" // inside the critic
	Penalty       Meaning = "penalty"       // the weight of a penalty on a critic's slopes
	ClipBound     Meaning = "clip"          // the bound on a critic's weights
	Ratio         Meaning = "ratio"         // a wanted share of 1
	Gain          Meaning = "gain"          // of a controller
	Weight        Meaning = "weight"        // of another term of a loss
)

func (p Setting) means(m Meaning) Setting {
	p.Means = m
	return p
}

// momentum is Adam's beta1.
func momentum(def string) Setting {
	return number("beta1", def, 0, 0.9999, "Adam's decay of the mean gradient").means(Momentum)
}
