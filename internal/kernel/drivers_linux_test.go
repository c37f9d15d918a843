package kernel

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// driven is one call of an exported function: what it may write, how near the kernel sets are to each other, and the call.
type driven struct {
	out   [][]float32
	out64 [][]float64
	f     func()
	tol   float64
}

// drivers has a row for each exported function that computes with the kernel set, by its name.
func drivers() map[string]func(m *room) driven {
	rows := map[string]func(m *room) driven{
		"Gemm": driveGemm, "Syrk": driveSyrk, "Conv.Forward": driveForward, "Conv.GradInput": driveGradInput, "Conv.GradWeight": driveGradWeight,
		"Conv.Filters": driveFilters, "Filters.Forward": driveFilters, "DenseFilters": driveParts, "ForwardParts": driveParts,
		"RowDot": driveRowDot, "RowSum": driveRowSum, "ColSums": driveColSums, "RowsAffine": driveRowsAffine, "BNBackward": driveBNBackward,
		"MulRows": driveMulRows, "AddRow": driveAddRow, "Softmax": driveSoftmax(Softmax), "LogSoftmax": driveSoftmax(LogSoftmax),
		"Bernoulli": driveBernoulli, "BernoulliGrad": driveBernoulliGrad, "Rule.Move": driveMove, "Approach": driveApproach, "Philox": drivePhilox,
		"Sum": driveSum, "Dot": driveDot, "FirstNonFinite": driveFirstNonFinite, "Pow": drivePow, "Clamp": driveClamp, "Axpb": driveAxpb, "Axpy": driveAxpy,
		"LeakyReLU": driveLeakyReLU, "LeakyReLUGrad": driveLeakyReLUGrad,
		"Pool.Max": drivePoolMax, "Pool.MaxGrad": drivePoolMax, "Pool.MaxGather": drivePoolMax, "Pool.Avg": drivePoolAvg, "Pool.AvgGrad": drivePoolAvgGrad,
		"Upsample": driveUpsample, "UpsampleGrad": driveUpsampleGrad, "Pool3.Forward": drivePool3, "Products": driveProducts, "CopyColumns": driveCopyColumns,
		"LSTM.Gates": driveLSTMGates, "LSTM.GatesGrad": driveLSTMGates, "LSTM.Cell": driveLSTMCell, "LSTM.CellGrad": driveLSTMCellGrad, "Reach": driveReach, "Cubes": driveCubes, "GatherRows": driveGather, "ScatterAddRows": driveScatter,
	}
	for name, f := range map[string]func(y, x []float32){"Sqrt": Sqrt, "Rsqrt": Rsqrt, "Square": Square, "Abs": Abs, "Sign": Sign, "Exp": Exp, "Log": Log, "Tanh": Tanh,
		"Sigmoid": Sigmoid, "SiLU": SiLU, "GELU": GELU, "QuickGELU": QuickGELU, "Softplus": Softplus} {
		rows[name] = func(m *room) driven {
			y, x := m.pair()
			return driven{out: [][]float32{y}, f: func() { f(y, x) }, tol: tolTanh}
		}
	}
	for name, f := range map[string]func(y, a, b []float32){"Add": Add, "Sub": Sub, "Mul": Mul, "Div": Div, "MaxOf": MaxOf, "TanhGrad": TanhGrad, "SigmoidGrad": SigmoidGrad, "SiLUGrad": SiLUGrad} {
		rows[name] = func(m *room) driven {
			y, a := m.pair()
			b := m.floats(len(y))
			return driven{out: [][]float32{y}, f: func() { f(y, a, b) }, tol: tolTanh}
		}
	}
	maps.Copy(rows, blasDrivers())
	return rows
}

// notDriven are the exported functions that compute nothing with the set, or nothing that two sets must agree about.
var notDriven = []string{"NewConv", "NewPool", "Name", "Sets", "Err", "SetThreads", "Threads", "Par", "Peak", "Measure", "MeasureKernels", "CacheSizes", "BLAS64", "Conv.Route", "Filters.Route", "Filters.Out", "Pool3.Out", "Strip.Row", "grid.String",
	"Adam", "RMSProp", "SGD"} // the rules are moved by Rule.Move

// exported lists the exported functions of the package and methods, those of BLAS64's type without its name.
func exported(t *testing.T) (names []string) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range files {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() {
				continue
			}
			name := fn.Name.Name
			if fn.Recv != nil {
				of := fn.Recv.List[0].Type
				if p, ok := of.(*ast.StarExpr); ok {
					of = p.X
				}
				if of, ok := of.(*ast.Ident); ok && of.Name != "fast64" {
					name = of.Name + "." + name
				}
			}
			names = append(names, name)
		}
	}
	return names
}

// Every exported function: random shapes, operands between guard pages, NaN, infinities and denormal numbers in every other round, the same bits on 1, 2 and 7 threads, and what the portable set makes
// of the same operands.
func TestEveryDriver(t *testing.T) {
	rows := drivers()
	known, have := slices.Concat(slices.Collect(maps.Keys(rows)), notDriven), exported(t)
	for _, name := range have {
		if !slices.Contains(known, name) {
			t.Errorf("%s has no row in drivers: give it one there, or a place in notDriven if it computes nothing", name)
		}
	}
	for _, name := range known {
		if !slices.Contains(have, name) {
			t.Errorf("%s is no exported function", name)
		}
	}
	rounds := 30
	if testing.Short() {
		rounds = 4
	}
	m := newRoom(t, 8, 1<<20)
	eachSet(t, func(t *testing.T, s *set) {
		for _, name := range slices.Sorted(maps.Keys(rows)) {
			t.Run(name, func(t *testing.T) {
				m.enter(t, 72)
				for range rounds {
					m.again()
					rows[name](m).check(m, s)
				}
			})
		}
	})
}

// FuzzDrivers takes any row with any numbers.
func FuzzDrivers(f *testing.F) {
	rows := drivers()
	names := slices.Sorted(maps.Keys(rows))
	for i := range names {
		f.Add(uint8(i), uint64(i))
	}
	m := newRoom(f, 8, 1<<20)
	f.Fuzz(func(t *testing.T, row uint8, seed uint64) {
		eachSet(t, func(t *testing.T, s *set) {
			m.enter(t, seed)
			m.again()
			rows[names[int(row)%len(names)]](m).check(m, s)
		})
	})
}

func (d driven) check(m *room, s *set) {
	m.t.Helper()
	was, was64 := d.save()
	var first [][]float32
	var first64 [][]float64
	for _, th := range []int{1, 2, 7} {
		d.restore(was, was64)
		SetThreads(th)
		d.f()
		SetThreads(1)
		got, got64 := d.save()
		if th == 1 {
			first, first64 = got, got64
		}
		for i := range got {
			same(m.t, shape("threads ", th, " result ", i), got[i], first[i])
		}
		for i := range got64 {
			m.same64(shape("threads ", th, " result ", i), got64[i], first64[i])
		}
	}
	d.restore(was, was64)
	active = &generic
	d.f()
	active = s
	for i, x := range d.out {
		m.equal(shape("result ", i), first[i], wide(x), d.tol, 1)
	}
	for i, x := range d.out64 {
		m.equal64(shape("result ", i), first64[i], x, d.tol)
	}
}

func (d driven) save() (x [][]float32, y [][]float64) {
	for _, v := range d.out {
		x = append(x, clone(v))
	}
	for _, v := range d.out64 {
		y = append(y, slices.Clone(v))
	}
	return x, y
}

func (d driven) restore(x [][]float32, y [][]float64) {
	for i, v := range x {
		copy(d.out[i], v)
	}
	for i, v := range y {
		copy(d.out64[i], v)
	}
}

func (m *room) same64(what string, got, want []float64) {
	m.t.Helper()
	for i, v := range want {
		if math.Float64bits(got[i]) != math.Float64bits(v) {
			m.t.Fatalf("%s: at %d got %v want %v", what, i, got[i], v)
		}
	}
}

// length is short mostly, sometimes long enough for several threads.
func (m *room) length() int {
	if m.r.IntN(4) > 0 {
		return m.r.IntN(200)
	}
	return grain/4 + m.r.IntN(2*grain)
}

// rows is the shape of a matrix by rows.
func (m *room) rows() (rows, c int) {
	c = 1 + m.r.IntN(150)
	return m.length() / c, c
}

func (m *room) pair() (y, x []float32) {
	n := m.length()
	return m.floats(n), m.floats(n)
}

// gonumOr is BLAS64 with the set in force; the portable set has gonum's own.
func gonumOr() blas.Float64 {
	if active == &generic {
		return gonum.Implementation{}
	}
	return BLAS64()
}
