package suggest

import "testing"

func TestUnknown(t *testing.T) {
	have := []string{"fd", "kid", "is"}
	for name, want := range map[string]string{
		"fdi":        `unknown metric "fdi", did you mean "fd"? have fd, kid, is`,
		"completely": `unknown metric "completely", have fd, kid, is`,
	} {
		if got := Unknown("metric", name, have).Error(); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestUnknownInALongCatalog(t *testing.T) {
	have := []string{"kid", "fd", "fd_inf", "fd_diag", "is", "m_is", "swd", "mind", "asw", "prd", "prdc", "modes", "vendi"}
	for name, want := range map[string]string{
		"fdi":        `unknown metric "fdi", did you mean "fd"? See "assay list metrics" for all 13`,
		"prdx":       `unknown metric "prdx", did you mean "prd" or "prdc"? See "assay list metrics" for all 13`,
		"completely": `unknown metric "completely". See "assay list metrics" for all 13`,
	} {
		if got := Unknown("metric", name, have).Error(); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := Unknown("flavour", "is", have).Error(); got != `unknown flavour "is", did you mean "is"? have kid, fd, fd_inf, fd_diag, is, m_is, swd, mind, asw, prd, prdc, modes, vendi` {
		t.Error("no command lists flavours: ", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"rign", "ring", 1}, {"ab", "ba", 1}, {"ca", "abc", 3}, {"gan", "cgan", 1},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	have := []string{"fd", "is", "kid", "modes"}
	for name, want := range map[string]string{"fdi": "fd", "mdoes": "modes", "kidd": "kid", "inception": "", "FD": "fd"} {
		if got := Nearest(name, have); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}
