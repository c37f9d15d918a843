package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
)

// longer is the run of the suite modes that had more steps than the others.
const longer = "wgan-gp-25k"

// sameNets compares the variational auto-encoder with the best adversarial model of the same networks and length.
func (b *book) sameNets(s *strings.Builder) {
	s.WriteString("The lecture's claims: with equal networks the VAE fills the bridges between modes, so fewer of its samples lie on one, and its images are blurred. Sharpness is the mean\n" +
		"Laplacian variance of samples over that of the data: below 1 is blurred, above 1 noisy. The best GAN is the one with the greatest mean share of high quality on\npoints, the least FD on images. **The rows on the suite modes are of settings with which most GANs had not learned**: rates of a discriminator that cannot follow, but for WGAN-GP. They\n" +
		"are kept because they were stated before their test; those on the suite spread have the rates of the large-scale study, and those on the default suite the settings that a search found for\n" +
		"every model at equal cost, the VAE's too. Three seeds are too few for a test: there all runs of the one must lie below all of the other.\n\n")
	var claims []claim
	for _, set := range b.datasetsOf("modes") {
		best, v := "", []float64(nil)
		for _, m := range b.labels("modes", set) {
			x := b.runs("modes", set, m, "hq", 0)
			if m != "vae" && m != longer && !reports.IsReference(m) && (v == nil || stats.Mean(x) > stats.Mean(v)) {
				best, v = m, x
			}
		}
		if vae := b.runs("modes", set, "vae", "hq", 0); len(vae) > 0 && v != nil {
			claims = append(claims, claim{text: fmt.Sprintf("suite modes, %s: a smaller share of the VAE's samples is of high quality than of the best GAN's (%s)", set, best), p: stats.MannWhitney(vae, v, stats.Less).P,
				found: fmt.Sprintf("%s %% against %s %%", meanError(vae, 100, 1), meanError(v, 100, 1))})
		}
	}
	claims = append(claims, b.bridges()...)
	claims = append(claims, b.settingsHQ()...)
	claims = append(holm(claims), b.searchedHQ()...)
	for _, c := range []struct{ suite, set string }{{"cards", "glyphs"}, {"mnist20", "mnist"}} {
		vae := b.runs(c.suite, c.set, "vae", "sharpness", math.NaN())
		best, v, least := "", 0.0, math.Inf(1)
		for _, m := range b.adversarial(c.suite, c.set) {
			x, fd := present(b.runs(c.suite, c.set, m, "sharpness", math.NaN())), b.runs(c.suite, c.set, m, "fd", math.Inf(1))
			if len(x) > 0 && fd[0] < least {
				best, v, least = m, x[0], fd[0]
			}
		}
		if len(present(vae)) == 0 || best == "" {
			continue
		}
		claims = append(claims, claim{text: fmt.Sprintf("on %s the VAE's images are blurred, those of the best GAN (%s) less so", c.set, best), p: math.NaN(), holds: vae[0] < 1 && vae[0] < v,
			found: fmt.Sprintf("sharpness %s against %s (one run each)", reports.Number(vae[0]), reports.Number(v))})
	}
	if len(claims) == 0 {
		s.WriteString("Not measured yet.\n\n")
		return
	}
	writeClaims(s, claims)
}

// bridges compares how far samples stray from their modes: the within-mode deviation in units of the true one.
func (b *book) bridges() (claims []claim) {
	for _, set := range b.datasetsOf("modes") {
		vae, gan := present(b.runs("modes", set, "vae", "modes_spread", math.NaN())), present(b.runs("modes", set, "wgan-gp", "modes_spread", math.NaN()))
		if len(vae) > 0 && len(gan) > 0 {
			claims = append(claims, claim{text: fmt.Sprintf("suite modes, %s: the VAE's samples stray further from their modes than those of wgan-gp: bridges", set), p: stats.MannWhitney(vae, gan, stats.Greater).P,
				found: fmt.Sprintf("%s against %s standard deviations", meanError(vae, 1, 2), meanError(gan, 1, 2))})
		}
	}
	return claims
}

// settingsHQ is the share of high quality over the settings of the suite spread, where the discriminators can follow.
func (b *book) settingsHQ() []claim {
	byModel := map[string][]float64{}
	best := ""
	for _, l := range b.labels("spread", "ring") {
		if m := familyOf(l); !reports.IsReference(l) {
			byModel[m] = append(byModel[m], b.runs("spread", "ring", l, "hq", 0)...)
		}
	}
	for m, v := range byModel {
		if m != "vae" && (best == "" || stats.Mean(v) > stats.Mean(byModel[best])) {
			best = m
		}
	}
	if best == "" || len(byModel["vae"]) == 0 {
		return nil
	}
	vae, gan := byModel["vae"], byModel[best]
	return []claim{{text: fmt.Sprintf("over the settings of the suite spread a smaller share of the VAE's samples is of high quality than of the best GAN's (%s)", best), p: stats.MannWhitney(vae, gan, stats.Less).P,
		found: fmt.Sprintf("%s %% against %s %%", meanError(vae, 100, 1), meanError(gan, 100, 1))}}
}

// searchedHQ is the first claim again on the recorded default suite, whose models have settings that a search found for each at equal cost.
func (b *book) searchedHQ() (claims []claim) {
	for _, set := range []string{"grid", "ring"} {
		vae, best, v := b.runs("default", set, "vae", "hq", 0), "", []float64(nil)
		for _, m := range b.adversarial("default", set) {
			if x := b.runs("default", set, m, "hq", 0); v == nil || stats.Mean(x) > stats.Mean(v) {
				best, v = m, x
			}
		}
		if len(vae) == 0 || len(v) == 0 {
			continue
		}
		claims = append(claims, claim{text: fmt.Sprintf("with searched settings, on the %s, a smaller share of the VAE's samples is of high quality than of the best GAN's (%s)", set, best), p: math.NaN(),
			holds: slices.Max(vae) < slices.Min(v), found: fmt.Sprintf("%s %% against %s %%", meanError(vae, 100, 1), meanError(v, 100, 1))})
	}
	return claims
}

// adversarial lists the models of a suite that are GANs, by their family in the catalog.
func (b *book) adversarial(suite, set string) (names []string) {
	for _, n := range b.labels(suite, set) {
		for _, m := range b.models {
			if i := m.Info(); i.ID == n && i.Family == "adversarial" && !i.Conditional {
				names = append(names, n)
			}
		}
	}
	return names
}
