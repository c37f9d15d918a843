// Package nn is the only layer over Gorgonia: differentiable operators, layers, losses, optimisers, compiled step programs and checkpoints.
//
// Gorgonia gives the expression graph, type checking and the protocol of symbolic differentiation. Everything that computes is ours, and four
// promises hold:
//
//   - Every operator is a pure function of its inputs, and its derivative is built from operators of this package: Grad is right for every
//     order (a gradient penalty is a gradient of a gradient), may be called any number of times on one graph, and leaves no trace on it.
//   - A Program runs exactly the nodes its outputs need, in one arena, without allocating. It gives the same bits as Gorgonia's own tape
//     machine, for every thread count.
//   - Names are unique: two parameters of one name are an error, never one parameter. Nodes whose 32-bit hashes collide are told apart.
//   - A resumed run equals an uninterrupted one to the bit: a Checkpoint holds parameters, states, optimiser moments and stream positions.
//
// # Errors
//
// Functions that build nodes or layers return nodes, so that a network reads like a formula. When shapes do not fit they panic with a
// *ShapeError; Try turns that panic into an error, and whoever builds a model wraps the building in one Try:
//
//	err := nn.Try(func() error {
//		loss := nn.Mean(nn.Square(nn.Sub(net.Forward(x, nn.Train), y)))
//		step, err = nn.NewStep(loss, scope.Params(), nn.Adam{LR: 1e-3, B1: .9})
//		return err
//	})
//
// Grad, Compile, NewStep, Run and the checkpoint functions return errors themselves.
//
// # Shapes
//
// Images are N x H x W x C, convolution weights KH x KW x C x K, matrices row-major; axis 0 is always the sample. "Rows" in a name means one
// value for each sample (axis 0), "Cols" one value for each channel (last axis).
package nn
