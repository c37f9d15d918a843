package metrics

import (
	"errors"
	"math"
	"testing"
)

// Five inputs of two numbers with two answers each, (1, 1) and (-1, -1), within 0.5. Outputs: an answer; rms sqrt((0.6^2 + 0)/2) = 0.42 from one;
// sqrt((0.8^2 + 0)/2) = 0.57 from one; the mean of both; the other answer. Three are right, two of them the first answer: exp(H(2/3, 1/3)) / 2.
func TestJointValidity(t *testing.T) {
	p := Pair{
		Answers: &Answers{N: 5, K: 2, Dim: 2, Within: []float64{.5, .5, .5, .5, .5}},
		Recon:   &Images{N: 5, H: 1, W: 1, C: 2, Lo: -2, Hi: 2, Pix: []float32{1, 1, .4, 1, .2, 1, 0, 0, -1, -1}},
	}
	for range 5 {
		p.Answers.Right = append(p.Answers.Right, 1, 1, -1, -1)
	}
	v := compute(t, metric(t, "joint_validity"), p)
	near(t, "validity", v["joint_validity"], 3./5, exact)
	near(t, "variety", v["joint_variety"], math.Exp(-2./3*math.Log(2./3)-1./3*math.Log(1./3))/2, exact)

	p.Answers.Within[0] = 0
	if _, err := (JointValidity{}).Compute(t.Context(), p); !errors.Is(err, ErrValue) {
		t.Errorf("a limit of 0: %v", err)
	}
	p.Answers.Within[0], p.Recon.N, p.Recon.Pix = .5, 4, p.Recon.Pix[:8]
	if _, err := (JointValidity{}).Compute(t.Context(), p); !errors.Is(err, ErrShape) {
		t.Errorf("an output too few: %v", err)
	}
}

// Outputs that are right for another input's answers are not right: the share is joint.
func TestJointValidityIsJoint(t *testing.T) {
	p := Pair{
		Answers: &Answers{N: 2, K: 2, Dim: 1, Right: []float32{1, -1, 3, -3}, Within: []float64{.3, .3}},
		Recon:   &Images{N: 2, H: 1, W: 1, C: 1, Lo: -5, Hi: 5, Pix: []float32{-1, 3}},
	}
	near(t, "in order", compute(t, metric(t, "joint_validity"), p)["joint_validity"], 1, exact)
	p.Recon.Pix = []float32{3, -1}
	v := compute(t, metric(t, "joint_validity"), p)
	near(t, "exchanged", v["joint_validity"], 0, exact)
	near(t, "variety of none", v["joint_variety"], 0, exact)
}
