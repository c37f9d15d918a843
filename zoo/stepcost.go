package zoo

// StepCost is how many updates of critics and of generators (or sole networks) one step of a model makes. known is false for models whose steps are not all alike,
// or depend on the data,
// and for those that do not learn by a rate.
func StepCost(info Info, s Settings) (dSteps, gSteps int, known bool) {
	switch {
	case !s.Has("lr") && !s.Has("lr_g") || s.Has("pretrain") || s.Has("rows") || !s.Has("steps"):
		return 0, 0, false
	case s.Has("adversarial") && s.Float("adversarial") == 0:
		return 0, 1, true // the distance alone
	case s.Has("d_steps"):
		return s.Int("d_steps"), 1, true
	case s.Has("width_2"):
		return 0, 2, true // two stages, both in every step
	case s.Has("divergence") && s.Word("divergence") == "gan":
		return 1, 1, true // an autoencoder and the judge of its codes
	case s.Has("ascent"):
		return 1, 0, true // a critic and nobody else
	case info.Family == Adversarial:
		return 1, 1, true // by turns
	}
	return 0, 1, true
}
