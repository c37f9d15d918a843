package runners

import (
	"path/filepath"
	"reflect"
	"slices"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/reports"
)

// noteClaims writes claims.json: what the suite claims, and of each claim how many cells had ended when it was stated. What is no longer claimed stays, as withdrawn, so that
// no claim can be dropped because of what was found.
func (f *Folder) noteClaims(p *Plan, ended int) error {
	before, err := reports.ReadClaims(f.Dir)
	if err != nil { // then nothing shows that they stood before
		before = nil
	}
	now := noted(before, p.Claims, ended)
	if err == nil && (len(now) == 0 && len(before) == 0 || reflect.DeepEqual(before, now)) {
		return nil
	}
	b, err := reports.MarshalClaims(now)
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(f.Dir, reports.ClaimsFile), b)
}

// noted joins the claims that a folder knows with those of the suite as it is.
func noted(before, claims []reports.Claim, ended int) []reports.Claim {
	plain := func(c reports.Claim) reports.Claim {
		c.After, c.Withdrawn = 0, nil
		return c
	}
	same := func(a reports.Claim) func(reports.Claim) bool {
		return func(b reports.Claim) bool { return reflect.DeepEqual(plain(a), plain(b)) }
	}
	var out []reports.Claim
	for _, c := range claims {
		c.After = ended
		if i := slices.IndexFunc(before, same(c)); i >= 0 && before[i].Withdrawn == nil {
			c.After = before[i].After
		}
		out = append(out, c)
	}
	for _, c := range before {
		if c.Withdrawn != nil && !slices.ContainsFunc(out, same(c)) || c.Withdrawn == nil && !slices.ContainsFunc(claims, same(c)) {
			if c.Withdrawn == nil && ended > 0 {
				c.Withdrawn = &ended
			}
			if c.Withdrawn != nil {
				out = append(out, c)
			}
		}
	}
	return out
}
