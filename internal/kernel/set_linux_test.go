package kernel

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"
	"unsafe"
)

// A primitive's row tests it as it is, without drivers: random shapes, every operand between guard pages, NaN, infinities and denormal numbers among the operands of every other round. What is expected
// comes from the portable twin where it takes the same arguments, from the definition in float64 where a tile's size is the set's own.
type primitive func(m *room, s *set)

// primitives has a row for each function in set, by the name of its field.
func primitives() map[string]primitive {
	rows := map[string]primitive{
		"peak": func(_ *room, s *set) {
			if s.peak != nil {
				s.peak(3) // computes nothing that is kept
			}
		},
		"gemm": func(m *room, s *set) { checkTile(m, s, s.gemm, s.mr) },
		"low": func(m *room, s *set) {
			for _, l := range s.low {
				m.next = 0
				checkTile(m, s, l.gemm, l.rows)
			}
		},
		"thin": checkThin, "combine": checkCombine, "strided": checkStrided, "patch": checkPatch, "direct": checkDirect, "taps": checkTaps, "cols": checkCols, "weave": checkWeave,
		"tpackA": func(m *room, s *set) { checkTranspose(m, s.tpackA, s.mr, s.mr) },
		"tpackB": func(m *room, s *set) { checkTranspose(m, s.tpackB, min(16, s.nr), s.nr) },
		"cpack":  checkCopy,
		"dot":    checkDot, "sum": checkSum, "finite": checkFinite, "colSums": checkColSums, "colSum": checkColSums,
		"rowsAffine": checkRowsAffine, "bnBack": checkBNBack, "philox": checkPhilox,
		"reach": checkReachBits, "cubes": checkCubeSums,
		"f64.gemm":   func(m *room, s *set) { checkTile64(m, s, false) },
		"f64.direct": func(m *room, s *set) { checkTile64(m, s, true) },
		"f64.symv4":  checkFour, "f64.dot4": checkFour, "f64.axpy4": checkFour, "f64.dot": checkVectors64, "f64.axpy": checkVectors64,
		"f64.tpackA": func(m *room, s *set) { checkTranspose64(m, s.f64.tpackA, s.f64.mr, s.f64.mr, s.f64.nr) },
		"f64.tpackB": func(m *room, s *set) { checkTranspose64(m, s.f64.tpackB, s.f64.nr, s.f64.nr, s.f64.nr) },
	}
	for name, e := range elements {
		rows[name] = func(m *room, s *set) { e.check(m, s, name) }
	}
	return rows
}

// needs says which rows a set goes without: those of optional entries that it has not.
func needs(s *set, name string) bool {
	f := field(s, name)
	switch f.Kind() {
	case reflect.Func:
		return !f.IsNil()
	case reflect.Slice:
		return f.Len() > 0
	default:
		return true
	}
}

// optional are the entries that a set may be without.
var optional = []string{"peak", "low", "combine", "strided", "patch", "direct", "taps", "cols", "f64.gemm", "f64.direct", "f64.tpackA", "f64.tpackB", "f64.symv4", "f64.dot4", "f64.axpy4", "f64.dot", "f64.axpy"}

func TestEveryPrimitive(t *testing.T) {
	rows := primitives()
	for _, name := range functionsOf(reflect.TypeFor[set](), "") {
		if rows[name] == nil {
			t.Errorf("set.%s has no row in primitives: give it one", name)
		}
	}
	if have := len(functionsOf(reflect.TypeFor[set](), "")); have != len(rows) {
		t.Errorf("%d rows for %d functions", len(rows), have)
	}
	rounds := 60
	if testing.Short() {
		rounds = 12
	}
	eachSet(t, func(t *testing.T, s *set) {
		m := newRoom(t, 40, 1<<14)
		for _, name := range slices.Sorted(maps.Keys(rows)) {
			if !needs(s, name) {
				if !slices.Contains(optional, name) {
					t.Errorf("%s: the set has none", name)
				}
				continue
			}
			t.Run(name, func(t *testing.T) {
				m.enter(t, 71)
				for range rounds {
					m.again()
					rows[name](m, s)
				}
			})
		}
	})
}

// FuzzPrimitives takes any row with any numbers.
func FuzzPrimitives(f *testing.F) {
	rows := primitives()
	names := slices.Sorted(maps.Keys(rows))
	for i := range names {
		f.Add(uint8(i), uint64(i))
	}
	m := newRoom(f, 40, 1<<14)
	f.Fuzz(func(t *testing.T, row uint8, seed uint64) {
		name := names[int(row)%len(names)]
		eachSet(t, func(t *testing.T, s *set) {
			if needs(s, name) {
				m.enter(t, seed)
				m.again()
				rows[name](m, s)
			}
		})
	})
}

// functionsOf lists the fields that hold functions, tiles or arrays of functions.
func functionsOf(t reflect.Type, before string) (names []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.Type == reflect.TypeFor[set64]():
			names = append(names, functionsOf(f.Type, before+f.Name+".")...)
		case f.Type.Kind() == reflect.Func, f.Type.Kind() == reflect.Slice, f.Type.Kind() == reflect.Array:
			names = append(names, before+f.Name)
		}
	}
	return names
}

// field is a field of a set, callable although it is not exported.
func field(s *set, name string) reflect.Value {
	v := reflect.ValueOf(s).Elem()
	if len(name) > 4 && name[:4] == "f64." {
		v, name = v.FieldByName("f64"), name[4:]
	}
	f := v.FieldByName(name)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

// element is an entry over slices of one length, followed by numbers: it is compared with the portable twin.
type element struct {
	writes  int // the first slices are results
	tol     float64
	scale   float64 // below it errors are absolute
	numbers []float32
	squares int // slice that holds no negative numbers, from 1 on
}

// tolTanh is four units in the last place where a unit is largest.
const tolTanh = 4.8e-7

var elements = map[string]element{
	"add": {1, 0, 0, nil, 0}, "sub": {1, 0, 0, nil, 0}, "mul": {1, 0, 0, nil, 0}, "div": {1, 0, 0, nil, 0}, "max": {1, 0, 0, nil, 0},
	"sqrt": {1, 0, 0, nil, 0}, "square": {1, 0, 0, nil, 0}, "abs": {1, 0, 0, nil, 0}, "sign": {1, 0, 0, nil, 0}, "relu": {1, 0, 0, nil, 0}, "clamp": {1, 0, 0, []float32{-0.3, 0.4}, 0},
	"rsqrt": {1, tolElem, 0, nil, 0}, "leaky": {1, 0, 0, []float32{0.2}, 0}, "reluGrad": {1, 0, 0, nil, 0}, "leakyGrad": {1, 0, 0, []float32{0.5}, 0},
	"exp": {1, tolElem, 1e-38, nil, 0}, "log": {1, tolElem, 0, nil, 0}, "tanh": {1, tolTanh, 0, nil, 0}, "sigmoid": {1, tolElem, 0, nil, 0}, "softplus": {1, tolElem, 0, nil, 0},
	"silu": {1, tolElem, 0, nil, 0}, "gelu": {1, tolElem, 1, nil, 0}, "siluGrad": {1, tolElem, 1, nil, 0},
	"axpb": {1, tolElem, 1, []float32{0.7, -0.3}, 0}, "axpy": {1, tolElem, 1, []float32{0.7}, 0},
	"tanhGrad": {1, 0, 0, nil, 0}, "sigmoidGrad": {1, 0, 0, nil, 0},
	"adam":      {4, 2e-6, 1, []float32{0.9, 0.1, 0.99, 0.01, 0.1, 1.2, 0.1}, 4}, // an epsilon that keeps what a rounding of the states does to the weights small
	"rmsprop":   {3, 2e-6, 1, []float32{0.1, 0.9, 0.1, 0.1}, 3},
	"sgd":       {3, 2e-6, 1, []float32{0.1, 0.9}, 0},
	"approach":  {1, 0, 0, []float32{0.3}, 0},
	"lstmState": {1, 0, 0, nil, 0}, "lstmCarry": {1, 0, 0, nil, 0}, "mulBoth": {2, 0, 0, nil, 0},
}

func (e element) check(m *room, s *set, name string) {
	f, twin := field(s, name), field(&generic, name)
	n := m.r.IntN(150)
	var got, want []reflect.Value
	slices := f.Type().NumIn() - len(e.numbers)
	for i := range slices {
		x := m.floats(n)
		if e.squares == i+1 {
			for k, v := range x {
				x[k] = float32(math.Abs(float64(v)))
			}
		}
		got, want = append(got, reflect.ValueOf(x)), append(want, reflect.ValueOf(clone(x)))
	}
	if slices == 2 && e.writes == 1 && m.r.IntN(3) == 0 || slices == 3 && e.writes == 1 && m.r.IntN(3) == 0 { // in place
		got[0], want[0] = got[slices-1], want[slices-1]
	}
	for _, v := range e.numbers {
		got, want = append(got, reflect.ValueOf(v)), append(want, reflect.ValueOf(v))
	}
	f.Call(got)
	twin.Call(want)
	for i := range slices {
		m.equal(shape(name, " slice ", i), got[i].Interface().([]float32), wide(want[i].Interface().([]float32)), e.tol, e.scale)
	}
}
