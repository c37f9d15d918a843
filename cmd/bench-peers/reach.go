package main

import (
	"fmt"
	"strings"
)

// line is one line of the reach: what was promised, what was measured, whether it holds.
type line struct{ want, got, verdict string }

const (
	holds    = "holds"
	fails    = "**does not hold**"
	unknown  = "not measured"
	voidMark = "void: the two sides differ"
)

// reach judges every line against the record. A ratio holds when the median of the rounds and the ratio of the best times both reach it.
func (r record) reach() []line {
	var out []line
	for _, w := range []struct {
		id   string
		want map[int]float64
	}{
		{"mlp", map[int]float64{1: 2.3, 2: 3.2}}, {"dcgan", map[int]float64{1: 2, 2: 3}}, {"wgangp", map[int]float64{1: 2, 2: 2.8}},
	} {
		for _, n := range []int{1, 2} {
			out = append(out, r.atLeast(w.id, n, w.want[n], false))
		}
	}
	for _, id := range []string{"mlp", "dcgan", "wgangp"} {
		for _, n := range []int{1, 2} {
			out = append(out, r.atLeast(id, n, 1.8, true))
		}
	}
	for _, id := range []string{"vae", "cyclegan", "infogan"} {
		for _, n := range []int{1, 2} {
			out = append(out, r.atLeast(id, n, 1.5, false))
		}
	}
	out = append(out, r.dcganTime())
	per := 0.9
	if r.Machine.Kernels == "avx2" {
		per = 0.85
	}
	for _, n := range []int{512, 1024, 2048} {
		out = append(out, r.atLeast(fmt.Sprintf("sgemm-%d", n), 1, per, false))
	}
	for _, m := range r.Rows {
		if strings.HasPrefix(m.ID, "conv-") && m.Threads == 1 {
			out = append(out, r.share(m.ID, 1, 0.7))
		}
	}
	return append(out,
		r.atMost("frechet", 2, 3), r.atLeast("cov", 2, 1, false), r.atMost("kid", 2, 15), r.atMost("prdc", 2, 25), r.atLeast("bundle", 2, 1, false),
		r.atLeast("inception", 2, 2, false), r.share("inception", 2, 0.65),
		r.twin("twin-dcgan"), r.twin("twin-mlp"), r.memory(), r.heap())
}

func rowOf(id string) row {
	for _, w := range rows() {
		if w.id == id {
			return w
		}
	}
	return row{id: id, title: id, peers: []peer{{}}}
}

func titleOf(id string) string {
	w := rowOf(id)
	switch w.group {
	case groupGemm:
		return "sgemm " + w.title
	case groupConv:
		return "convolution " + w.title
	case groupStep:
		return w.title + ", step"
	}
	return w.title
}

// get returns a measurement that counts, or the verdict that it does not.
func (r record) get(id string, threads int) (measurement, string) {
	m, ok := r.find(id, threads)
	switch {
	case !ok || len(m.Ours.Turns) == 0, rowOf(id).reduced(r.Machine.Quick):
		return m, unknown
	case m.Void != "":
		return m, voidMark
	}
	return m, ""
}

// noisy is the share of the machine that others may use before a verdict on times is called unreliable.
const noisy = 0.1

// verdict judges one value by its median and its best; a machine that others used voids neither, but says so.
func (m measurement) verdict(ok, best bool) string {
	v := fails
	switch {
	case ok && best:
		v = holds
	case ok:
		v = "in the medians only"
	case best:
		v = "in the best times only"
	}
	if m.Others > noisy {
		v += fmt.Sprintf(" (unreliable: other programs used %.0f %% of the processors)", m.Others*100)
	}
	return v
}

// atLeast judges the ratio to the plain peer, the first, or to the fastest of all its variants.
func (r record) atLeast(id string, threads int, want float64, fastest bool) line {
	w := rowOf(id)
	against := w.peers[0].label
	if fastest {
		against = "PyTorch's fastest variant"
	}
	l := line{want: fmt.Sprintf("%s, %s: at least %.3g times %s", titleOf(id), count(threads), want, against)}
	m, v := r.get(id, threads)
	if v == "" && len(m.Peers) == 0 {
		v = unknown
	}
	if v != "" {
		l.verdict = v
		return l
	}
	peers := m.Peers
	if !fastest {
		peers = peers[:1]
	}
	worst := m.ratio(peers[0])
	for _, p := range peers[1:] {
		q := m.ratio(p)
		worst.Median, worst.Best = min(worst.Median, q.Median), min(worst.Best, q.Best)
		worst.CPU = min(worst.CPU, q.CPU)
	}
	l.got = fmt.Sprintf("%.2f (best %.2f)", worst.Median, worst.Best)
	if m.Others > noisy && threads == 1 {
		l.got += fmt.Sprintf(", by processor time %.2f", worst.CPU)
	}
	if rate := r.sgemm(threads); w.job == "step" && rate > 0 && m.Flop > 0 {
		l.got += fmt.Sprintf("; all of it at the sgemm rate would give %.2f", worst.Best*m.Ours.Best/(m.Flop/rate/1e6))
	}
	l.verdict = m.verdict(worst.Median >= want, worst.Best >= want)
	return l
}

// atMost judges our own time in seconds.
func (r record) atMost(id string, threads int, seconds float64) line {
	l := line{want: fmt.Sprintf("%s, %s: at most %.3g s", titleOf(id), count(threads), seconds)}
	m, v := r.get(id, threads)
	if v != "" {
		l.verdict = v
		return l
	}
	t, best := median(m.Ours.Turns)/1e3, m.Ours.Best/1e3
	l.got = fmt.Sprintf("%.2f s (best %.2f s)", t, best)
	l.verdict = m.verdict(t <= seconds, best <= seconds)
	return l
}

// sgemm is the measured rate of our matrix product, the best of its sizes, in GFLOP/s.
func (r record) sgemm(threads int) float64 {
	rate := 0.0
	for _, w := range rows() {
		if m, v := r.get(w.id, threads); w.job == "gemm" && v == "" {
			rate = max(rate, w.flop/m.Ours.Best/1e6)
		}
	}
	return rate
}

// share judges a rate against that of our own matrix product in the same run.
func (r record) share(id string, threads int, want float64) line {
	l := line{want: fmt.Sprintf("%s, %s: at least %.0f %% of the measured sgemm rate", titleOf(id), count(threads), want*100)}
	m, v := r.get(id, threads)
	rate := r.sgemm(threads)
	if v == "" && rate == 0 {
		v = unknown
	}
	if v != "" {
		l.verdict = v
		return l
	}
	t, best := m.Flop/median(m.Ours.Turns)/1e6/rate, m.Flop/m.Ours.Best/1e6/rate
	l.got = fmt.Sprintf("%.0f %% (best %.0f %%) of %.0f GFLOP/s", t*100, best*100, rate)
	l.verdict = m.verdict(t >= want, best >= want)
	return l
}

// dcganTime scales the promised 107 ms from the 120 GFLOP/s it was made for to the measured rate.
func (r record) dcganTime() line {
	rate := r.sgemm(1)
	l := line{want: "DCGAN step, 1 thread: at most 107 ms where sgemm reaches 120 GFLOP/s"}
	m, v := r.get("dcgan", 1)
	if v == "" && rate == 0 {
		v = unknown
	}
	if v != "" {
		l.verdict = v
		return l
	}
	limit := 107 * 120 / rate
	t := median(m.Ours.Turns)
	l.got = fmt.Sprintf("%s (best %s); here sgemm reaches %.0f, so the line is at %.0f ms", ms(t), ms(m.Ours.Best), rate, limit)
	l.verdict = m.verdict(t <= limit, m.Ours.Best <= limit)
	return l
}

func (r record) twin(id string) line {
	l := line{want: fmt.Sprintf("Two independent runs (%s) on two cores: at least 1.9 times one run's rate", strings.TrimPrefix(id, "twin-"))}
	m, v := r.get(id, 2)
	if v != "" {
		l.verdict = v
		return l
	}
	q := m.ratio(m.Peers[0])
	l.got = fmt.Sprintf("%.2f (best %.2f)", 2*q.Median, 2*q.Best)
	l.verdict = m.verdict(2*q.Median >= 1.9, 2*q.Best >= 1.9)
	return l
}

func (r record) memory() line {
	l := line{want: "A DCGAN run stays under 300 MB"}
	m, v := r.get("memory-dcgan", 1)
	if v != "" {
		l.verdict = v
		return l
	}
	l.got = fmt.Sprintf("peak %.0f MB", m.RSS[0])
	if len(m.RSS) > 1 {
		l.got += fmt.Sprintf(" (PyTorch %.0f MB)", m.RSS[1])
	}
	if l.verdict = fails; m.RSS[0] < 300 {
		l.verdict = holds
	}
	return l
}

func (r record) heap() line {
	l := line{want: "Steady-state training allocates nothing per step"}
	m, v := r.get("memory-dcgan", 1)
	if v != "" {
		l.verdict = v
		return l
	}
	l.got = fmt.Sprintf("%.0f B in %.1f objects a DCGAN step", m.Bytes, m.Allocs)
	if l.verdict = fails; m.Bytes < 1 {
		l.verdict = holds
	}
	return l
}

func count(threads int) string {
	if threads == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", threads)
}
