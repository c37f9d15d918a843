package kernel

import "golang.org/x/sys/cpu"

// machineSets returns the sets this machine can run, best first.
func machineSets() []*set {
	var s []*set
	x := &cpu.X86
	if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL && x.HasBMI2 && x.HasFMA {
		s = append(s, &avx512Set)
	}
	if x.HasAVX2 && x.HasFMA {
		s = append(s, &avx2Set)
	}
	return append(s, &generic)
}

var avx512Set = set{
	name: "avx512", mr: 14, nr: 32, lanes: 16, peak: peakAVX512,
	gemm: gemmAVX512, low: []lowTile{{4, gemm4_AVX512}, {8, gemm8_AVX512}},
	direct:   directAVX512,
	thinRows: 8, thin: [3]thinFunc{thin1_AVX512, thin2_AVX512, thin3_AVX512},
	combine: combineAVX512, strided: []stridedTile{{4, strided4_AVX512}, {8, strided8_AVX512}, {14, stridedAVX512}},
	patch: []patchTile{{4, patch4_AVX512}, {8, patch8_AVX512}, {14, patch14_AVX512}}, taps: []tapsTile{{4, taps4_AVX512}, {8, taps8_AVX512}},
	cols: []colsTile{{8, cols8_AVX512}, {14, cols14_AVX512}}, weave: weaveAVX512,
	tpackA: tpackAAVX512, tpackB: tpackBAVX512, cpack: cpackAVX512,
	add: addAVX512, sub: subAVX512, mul: mulAVX512, div: divAVX512, max: maxAVX512,
	sqrt: sqrtAVX512, rsqrt: rsqrtAVX512, square: squareAVX512, abs: absAVX512, sign: signAVX512,
	exp: expAVX512, log: logAVX512, tanh: tanhAVX512, sigmoid: sigmoidAVX512, softplus: softplusAVX512, silu: siluAVX512, gelu: geluAVX512, relu: reluAVX512,
	axpb: axpbAVX512, clamp: clampAVX512, axpy: axpyAVX512, leaky: leakyAVX512,
	reluGrad: reluGradAVX512, tanhGrad: tanhGradAVX512, sigmoidGrad: sigmoidGradAVX512, siluGrad: siluGradAVX512, leakyGrad: leakyGradAVX512,
	lstmState: lstmStateAVX512, lstmCarry: lstmCarryAVX512, mulBoth: mulBothAVX512,
	dot: dotAVX512, sum: sumAVX512, finite: finiteAVX512, colSums: colSumsAVX512, colSum: colSumAVX512,
	rowsAffine: rowsAffineAVX512, bnBack: bnBackAVX512,
	adam: adamAVX512, rmsprop: rmspropAVX512, sgd: sgdAVX512, approach: approachAVX512, philox: philoxAVX512, reach: reachAVX512, cubes: cubesAVX512,
	f64: set64{mr: 14, nr: 16, gemm: gemm64_AVX512, direct: direct64_AVX512, tpackA: tpackA64_AVX512, tpackB: tpackB64_AVX512,
		symv4: symv4AVX512, dot4: dot4AVX512, axpy4: axpy4AVX512, dot: dot64_AVX512, axpy: axpy64_AVX512},
}

var avx2Set = set{
	name: "avx2", mr: 6, nr: 16, lanes: 8, peak: peakAVX2,
	gemm: gemmAVX2, low: []lowTile{{2, gemm2_AVX2}, {4, gemm4_AVX2}},
	direct:   directAVX2,
	thinRows: 4, thin: [3]thinFunc{thin1_AVX2, thin2_AVX2, thin3_AVX2},
	combine: combineAVX2, strided: []stridedTile{{2, strided2_AVX2}, {4, strided4_AVX2}, {6, stridedAVX2}},
	patch: []patchTile{{2, patch2_AVX2}, {4, patch4_AVX2}, {6, patch6_AVX2}}, taps: []tapsTile{{2, taps2_AVX2}, {4, taps4_AVX2}},
	cols: []colsTile{{6, cols6_AVX2}, {8, cols8_AVX2}}, weave: weaveAVX2,
	tpackA: tpackAAVX2, tpackB: tpackBAVX2, cpack: cpackAVX2,
	add: addAVX2, sub: subAVX2, mul: mulAVX2, div: divAVX2, max: maxAVX2,
	sqrt: sqrtAVX2, rsqrt: rsqrtAVX2, square: squareAVX2, abs: absAVX2, sign: signAVX2,
	exp: expAVX2, log: logAVX2, tanh: tanhAVX2, sigmoid: sigmoidAVX2, softplus: softplusAVX2, silu: siluAVX2, gelu: geluAVX2, relu: reluAVX2,
	axpb: axpbAVX2, clamp: clampAVX2, axpy: axpyAVX2, leaky: leakyAVX2,
	reluGrad: reluGradAVX2, tanhGrad: tanhGradAVX2, sigmoidGrad: sigmoidGradAVX2, siluGrad: siluGradAVX2, leakyGrad: leakyGradAVX2,
	lstmState: lstmStateAVX2, lstmCarry: lstmCarryAVX2, mulBoth: mulBothAVX2,
	dot: dotAVX2, sum: sumAVX2, finite: finiteAVX2, colSums: colSumsAVX2, colSum: colSumAVX2,
	rowsAffine: rowsAffineAVX2, bnBack: bnBackAVX2,
	adam: adamAVX2, rmsprop: rmspropAVX2, sgd: sgdAVX2, approach: approachAVX2, philox: philoxAVX2, reach: reachAVX2, cubes: cubesAVX2,
	f64: set64{mr: 6, nr: 8, gemm: gemm64_AVX2, direct: direct64_AVX2, tpackA: tpackA64_AVX2, tpackB: tpackB64_AVX2,
		symv4: symv4AVX2, dot4: dot4AVX2, axpy4: axpy4AVX2, dot: dot64_AVX2, axpy: axpy64_AVX2},
}
