package reports

import (
	"math"
	"strconv"
	"strings"
)

// Number formats a value with three significant digits, without exponents where a person can read it: 98.9, 0.0123, 1234, 8, 1.2e-07. Infinities are ∞.
func Number(v float64) string { return significant(v, 3, 1) }

// Digits formats as Number does, with so many significant digits, of which a number with an exponent keeps them all: of four 47.11, 0.8750, 1234, 8, 1.200e-07.
func Digits(v float64, n int) string { return significant(v, n, n-1) }

// significant formats with n significant digits, and so many behind the point where there is an exponent.
func significant(v float64, n, behind int) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "-∞"
	case a < 1e6 && v == math.Trunc(v):
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 1e6 || a < 1e-4:
		return strconv.FormatFloat(v, 'e', behind, 64)
	default:
		e := strconv.FormatFloat(a, 'e', n-1, 64) // rounded first: 99.96 is 100, not 100.0
		power, err := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:])
		if err != nil {
			return strconv.FormatFloat(v, 'g', n, 64)
		}
		return strconv.FormatFloat(v, 'f', max(0, n-1-power), 64)
	}
}

// compact formats a coordinate for SVG and specs: at most four significant digits, no trailing zeros.
func compact(v float64) string { return strconv.FormatFloat(round4(v), 'f', -1, 64) }

func round4(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 3, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// duration formats seconds for people: 0.4 s, 12 s, 3 min 20 s, 1 h 5 min.
func duration(s float64) string {
	switch n := int(math.Round(s)); {
	case s < 10:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	case n < 60:
		return strconv.Itoa(n) + " s"
	case n < 3600:
		return strconv.Itoa(n/60) + " min " + strconv.Itoa(n%60) + " s"
	default:
		return strconv.Itoa(n/3600) + " h " + strconv.Itoa(n%3600/60) + " min"
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return strconv.Itoa(n) + " " + one
	}
	return strconv.Itoa(n) + " " + many
}

// listed joins names as a sentence does: a, b and c.
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
