package kernel

// Act is an activation that a matrix product, a convolution or an affine map can apply to its result.
type Act uint8

// The activations. ReLU is ActLeakyReLU with Alpha 0.
const (
	ActNone Act = iota
	ActLeakyReLU
	ActTanh
	ActSigmoid
	ActGELU      // x Phi(x)
	ActQuickGELU // x sigmoid(1.702 x)
)

// flag returns the tile flag of an activation that is applied in registers; zero for the others.
func (a Act) flag(alpha float32) int {
	switch {
	case a != ActLeakyReLU:
		return 0
	case alpha == 0:
		return tileReLU
	}
	return tileLeaky
}

// vector returns the function of an activation that is applied to finished rows, nil if there is none.
func (a Act) vector(s *set) func(y, x []float32) {
	switch a {
	case ActTanh:
		return s.tanh
	case ActSigmoid:
		return s.sigmoid
	case ActGELU:
		return s.gelu
	case ActQuickGELU:
		return quickGELU
	case ActNone, ActLeakyReLU: // nothing, and in the tile
	}
	return nil
}

// LeakyReLU sets y = x where x > 0, alpha*x elsewhere; alpha 0 is ReLU (0 also at -Inf). NaN stays NaN.
func LeakyReLU(y, x []float32, alpha float32) {
	if alpha == 0 {
		unary(active.relu, y, x, grain)
		return
	}
	each(elem{f2p: active.leaky, y: y, a: x, p: alpha}, grain)
}

// LeakyReLUGrad sets dx = g where y > 0, alpha*g where y <= 0. y may be the function's input or its output
// (the same sign for alpha >= 0).
func LeakyReLUGrad(dx, y, g []float32, alpha float32) {
	if alpha == 0 {
		binary(active.reluGrad, dx, y, g)
		return
	}
	each(elem{f3p: active.leakyGrad, y: dx, a: y, b: g[:len(dx)], p: alpha}, grain)
}

// Tanh sets y = tanh(x), within 4 ulp.
func Tanh(y, x []float32) { unary(active.tanh, y, x, grain/4) }

// TanhGrad sets dx = g*(1 - y*y), y being the output of Tanh.
func TanhGrad(dx, y, g []float32) { binary(active.tanhGrad, dx, y, g) }

// Sigmoid sets y = 1/(1+exp(-x)), within 4 ulp.
func Sigmoid(y, x []float32) { unary(active.sigmoid, y, x, grain/4) }

// SigmoidGrad sets dx = g*y*(1-y), y being the output of Sigmoid.
func SigmoidGrad(dx, y, g []float32) { binary(active.sigmoidGrad, dx, y, g) }

// SiLU sets y = x/(1 + e^-x).
func SiLU(y, x []float32) { unary(active.silu, y, x, grain/4) }

// GELU sets y = x Phi(x), Phi being the normal distribution function: the Gaussian unit of transformers [hendrycks2016], within 1e-7 + 1.3e-7 |y| of its definition.
func GELU(y, x []float32) { unary(active.gelu, y, x, grain/4) }

// SiLUGrad sets dx = g*s*(1 + x*(1 - s)), s = 1/(1 + e^-x), x being the input of SiLU.
func SiLUGrad(dx, x, g []float32) {
	each(elem{f3: active.siluGrad, y: dx, a: x, b: g[:len(dx)]}, grain/4)
}

// Softplus sets y = log(1+exp(x)) = max(x,0) + log1p(exp(-|x|)), which neither overflows nor loses small values.
func Softplus(y, x []float32) { unary(active.softplus, y, x, grain/4) }

// QuickGELU sets y = x sigmoid(1.702 x), CLIP's stand-in for the Gaussian unit. y may be x.
func QuickGELU(y, x []float32) { unary(quickGELU, y, x, grain/4) }

func quickGELU(y, x []float32) {
	var t [512]float32
	s := active
	for len(x) > 0 {
		n := min(len(x), len(t))
		s.axpb(t[:n], x[:n], 1.702, 0)
		s.sigmoid(t[:n], t[:n])
		s.mul(y[:n], x[:n], t[:n])
		x, y = x[n:], y[n:]
	}
}
