package kernel

// machineSets returns the sets this machine can run, best first. Every arm64 processor has NEON; to test it on another machine:
//
//	GOARCH=arm64 go test -exec qemu-aarch64 ./internal/kernel
func machineSets() []*set { return []*set{&neonSet, &generic} }

// neonSet has all of the sets of amd64 but for the float32 tile that reads A where it is: four numbers of a packed panel are one load and four factors.
var neonSet = set{
	name: "neon", mr: 12, nr: 8, lanes: 4, peak: peakNEON,
	gemm: gemmNEON, low: []lowTile{{4, gemm4_NEON}, {8, gemm8_NEON}},
	thinRows: 4, thin: [3]thinFunc{thin1_NEON, thin2_NEON, thin3_NEON},
	combine: combineNEON, strided: []stridedTile{{4, strided4_NEON}, {8, strided8_NEON}, {12, stridedNEON}},
	patch: []patchTile{{4, patch4_NEON}, {8, patch8_NEON}, {12, patch12_NEON}}, taps: []tapsTile{{4, taps4_NEON}, {8, taps8_NEON}},
	cols: []colsTile{{2, cols2_NEON}, {4, cols4_NEON}}, weave: weaveNEON,
	tpackA: tpackANEON, tpackB: tpackBNEON, cpack: cpackNEON,
	add: addNEON, sub: subNEON, mul: mulNEON, div: divNEON, max: maxNEON,
	sqrt: sqrtNEON, rsqrt: rsqrtNEON, square: squareNEON, abs: absNEON, sign: signNEON,
	exp: expNEON, log: logNEON, tanh: tanhNEON, sigmoid: sigmoidNEON, softplus: softplusNEON, silu: siluNEON, gelu: geluNEON, relu: reluNEON,
	axpb: axpbNEON, clamp: clampNEON, axpy: axpyNEON, leaky: leakyNEON,
	reluGrad: reluGradNEON, tanhGrad: tanhGradNEON, sigmoidGrad: sigmoidGradNEON, siluGrad: siluGradNEON, leakyGrad: leakyGradNEON,
	lstmState: lstmStateNEON, lstmCarry: lstmCarryNEON, mulBoth: mulBothNEON,
	dot: dotNEON, sum: sumNEON, finite: finiteNEON, colSums: colSumsNEON, colSum: colSumNEON,
	rowsAffine: rowsAffineNEON, bnBack: bnBackNEON,
	adam: adamNEON, rmsprop: rmspropNEON, sgd: sgdNEON, approach: approachNEON, philox: philoxNEON, reach: reachNEON, cubes: cubesNEON,
	f64: set64{mr: 12, nr: 4, gemm: gemm64_NEON, direct: direct64_NEON, tpackA: tpackA64_NEON, tpackB: tpackB64_NEON,
		symv4: symv4NEON, dot4: dot4NEON, axpy4: axpy4NEON, dot: dot64_NEON, axpy: axpy64_NEON},
}
