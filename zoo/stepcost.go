package zoo

// Counted is a model that says itself how many updates of critics and of generators (or sole networks) one step of it makes, because it is not what StepCost takes
// for granted. known is false where steps are not all alike, or depend on the data.
type Counted interface {
	Model
	Updates(s Settings) (dSteps, gSteps int, known bool)
}

// StepCost is how many updates of critics and of generators (or sole networks) one step of a model makes. What is not Counted makes one of a generator and, where two
// networks play against each other, d_steps of a critic, or one where there is no such setting. known is false for models whose steps are not all alike, or depend on the
// data, and for those that make no updates. zootest checks it.
func StepCost(m Model, s Settings) (dSteps, gSteps int, known bool) {
	return StepCostOf(m, m.Info(), s)
}

// StepCostOf is StepCost for who has the model's Info already, which takes longer to work out than all the rest.
func StepCostOf(m Model, info Info, s Settings) (dSteps, gSteps int, known bool) {
	if c, own := m.(Counted); own {
		return c.Updates(s)
	}
	switch family := info.Family; {
	case family == Control || !s.Has("steps"):
		return 0, 0, false
	case s.Has("d_steps"):
		return s.Int("d_steps"), 1, true
	case family == Adversarial:
		return 1, 1, true
	}
	return 0, 1, true
}
