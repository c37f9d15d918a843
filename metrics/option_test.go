package metrics

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// The conventions of the papers and of the suites named in the metrics' comments; a changed default moves published numbers.
const defaults = `fd ddof=1 route=auto interval=delta
fd_class ddof=1
fjd alpha=0
fd_diag ddof=1
fd_inf points=15 min=0 ddof=1 order=random
kid subsets=100 size=1000 sampling=random estimator=unbiased ddof=0 degree=3 gamma=0 coef=1
kid_full estimator=unbiased degree=3 gamma=0 coef=1
mmd_rbf sigma=0 estimator=unbiased
cmmd sigma=10 scale=1000 normalize=true
energy estimator=unbiased
swd directions=1000 p=2 root=true
mind directions=1000
fwd level=0 log=false
wasserstein p=1 max=1000 sample=true
c2st folds=5 steps=200 width=256 ridge=0.001
pqmass cells=100 repeats=20
prdc k=5 compare=lt values=precision,recall,density,coverage,f_score,realism interval=parts
prd clusters=20 angles=1001 repeats=10 init=1 beta=8
alpha_precision levels=30
clipped k=5
p_precision a=1.2 k=4
sym_precision k=5
cover_precision k=3 c=3
rarity k=3
ms_ssim pairs=1000
distinct n=2
self_bleu n=3 sentences=500
vendi order=1 kernel=cosine rows=2000 normalize=true
rke sigma=0 modes=20 rows=500
ken sigma=0 modes=20 eta=1 rows=500
finc sigma=0 modes=20 eta=1 features=256
is splits=1 rule=cover shuffle=false ddof=0
class_modes least=1
gan_train classifier=logistic steps=300 ridge=0.0001
c_t cells=3 min=20 init=1
fld rows=2000 epochs=50 order=random
palate sigma=0 modes=20
mifid tau=0.1
duplicates eps=0
birthday eps=0.1
modes radius=3 share=0.3333333333333333
ndb k=100 init=1 alpha=0.05 whiten=false maxdim=1000 clusterings=5
nsdc alpha=0.05
polygon_precision threshold=0.5
betti0 rows=500 subsets=10
correspondence radius=3
ppl lower=1 upper=99
interpolation k=3
`

func TestDefaults(t *testing.T) {
	var got strings.Builder
	for _, m := range All() {
		if i := m.Info(); len(i.Options) > 0 {
			got.WriteString(i.ID)
			for _, o := range i.Options {
				fmt.Fprintf(&got, " %s=%s", o.Name, o.Default)
			}
			got.WriteString("\n")
		}
	}
	if got.String() != defaults {
		t.Errorf("have\n%s\nwant\n%s", got.String(), defaults)
	}
}

func TestZeroInAnOptionIsZero(t *testing.T) {
	// The same kernel by both doors, and another one than the default.
	byText := set(t, metric(t, "kid_full"), "coef", "0")
	a, b := compute(t, KIDFull{Coef: Zero}, ab()), compute(t, byText, ab())
	if a["kid_full"] != b["kid_full"] || a["kid_full"] == compute(t, KIDFull{}, ab())["kid_full"] {
		t.Errorf("coef 0: %v in Go, %v as text, default %v", a["kid_full"], b["kid_full"], compute(t, KIDFull{}, ab())["kid_full"])
	}
	for _, o := range byText.Info().Options {
		if o.Name == "coef" && o.Default != "0" {
			t.Errorf("coef 0 is announced as %s", o.Default)
		}
	}
}

func TestFieldsOutOfRangeAreRefused(t *testing.T) {
	for _, m := range []Metric{KID{Subsets: -1}, KID{Coef: math.NaN()}, KID{Sampling: "all"}, FD{Route: "fast"}, PRDC{K: -1}, PRDC{Values: []string{"accuracy"}},
		IS{Splits: -2}, Vendi{Order: -1}, Wasserstein{P: 3}, PPL{Upper: 20}, KIDFull{Degree: -1}, MSSSIM{Pairs: -1}, PRD{Clusters: -4}} {
		_, err := m.Compute(context.Background(), ab())
		if !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), m.Info().ID+".") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%#v: %v", m, err)
		}
	}
}
