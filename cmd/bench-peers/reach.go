package main

import (
	"fmt"
	"slices"
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
	for _, id := range []string{"mlp", "dcgan", "wgangp", "vae", "cyclegan", "infogan", "unet", "lstm-words", "lstm-pixels"} {
		want := 2.0
		if id == "mlp" {
			want = 2.3
		}
		out = append(out, r.atLeast(id, 1, want, plainPeer), r.atLeast(id, 1, 1.5, "compile"))
	}
	for _, id := range []string{"mlp", "dcgan", "wgangp"} {
		for _, n := range []int{1, 2} {
			out = append(out, r.atLeast(id, n, 1.8, fastestPeer))
		}
	}
	for _, id := range []string{"small-64", "small-128"} {
		out = append(out, r.atLeast(id, 1, 4, plainPeer))
	}
	for _, w := range []struct {
		id   string
		want float64
	}{{"mlp", 3.2}, {"dcgan", 3}, {"wgangp", 2.8}, {"vae", 1.5}, {"cyclegan", 1.5}, {"infogan", 1.5}} {
		out = append(out, r.atLeast(w.id, 2, w.want, plainPeer))
	}
	out = append(out, r.dcganTime())
	per := 1.0
	if r.Machine.Kernels == "avx2" {
		per = 0.95
	}
	for _, n := range []int{512, 1024, 2048, 4096} {
		out = append(out, r.atLeast(fmt.Sprintf("sgemm-%d", n), 1, per, plainPeer))
	}
	for _, n := range []int{1024, 2048} {
		out = append(out, r.atLeast(fmt.Sprintf("dgemm-%d", n), 1, 0.9, plainPeer))
	}
	for _, m := range rows() {
		if strings.HasPrefix(m.id, "conv-") {
			out = append(out, r.share(m.id, 1, 0.7))
		}
	}
	out = append(out,
		r.atMost("frechet", 2, 2.5), r.atLeast("frechet", 2, 1.3, fastestPeer), r.atLeast("fd", 2, 1.5, plainPeer), r.atLeast("cov", 2, 1, plainPeer),
		r.atMost("kid", 2, 15), r.atLeast("kid", 2, 1.5, "float32"), r.atMost("prdc", 2, 25), r.atLeast("prdc", 2, 1.5, "float32"), r.atLeast("knn", 2, 1, "faiss"), r.atLeast("bundle", 2, 1, plainPeer))
	out = append(out, r.atLeast("inception", 2, 2, plainPeer))
	for _, n := range []int{1, 2} {
		out = append(out, r.atLeast("inception", n, 1, "onnxruntime"), r.atLeast("inception", n, 1, "openvino"), r.share("inception", n, 0.9))
	}
	for _, id := range []string{"dinov2", "clip"} {
		for _, n := range []int{1, 2} {
			out = append(out, r.atLeast(id, n, 1, plainPeer))
		}
	}
	for _, n := range []int{1, 2} {
		out = append(out, r.atLeast("vgg16", n, 1, "onnxruntime"), r.atLeast("vgg16", n, 1, "openvino"))
	}
	for _, id := range []string{"folder", "folder-clean", "folder-prdc"} {
		out = append(out, r.atLeast(id, 2, 1, plainPeer))
	}
	return append(out, r.twin("twin-dcgan"), r.twin("twin-mlp"), r.memory(), r.lighter("memory-folder"), r.heap())
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

// Against whom a ratio is held where it is no variant by name: the first of the row's peers, or whichever of them is fastest.
const (
	plainPeer   = ""
	fastestPeer = "fastest"
)

// atLeast judges the ratio to a peer.
func (r record) atLeast(id string, threads int, want float64, against string) line {
	w := rowOf(id)
	peers, label := w.against(against)
	l := line{want: fmt.Sprintf("%s, %s: at least %.3g times %s", titleOf(id), count(threads), want, label)}
	m, v := r.get(id, threads)
	var q ratio
	for i, p := range m.series(peers) {
		if one := m.ratio(p); i == 0 {
			q = one
		} else {
			q.Median, q.Best, q.CPU = min(q.Median, one.Median), min(q.Best, one.Best), min(q.CPU, one.CPU)
		}
	}
	if v == "" && q.Median == 0 {
		v = unknown
	}
	if v != "" {
		l.verdict = v
		return l
	}
	l.got = fmt.Sprintf("%.2f (best %.2f)", q.Median, q.Best)
	if m.Others > noisy && threads == 1 {
		l.got += fmt.Sprintf(", by processor time %.2f", q.CPU)
	}
	if rate := r.sgemm(threads); w.job == "step" && rate > 0 && m.Flop > 0 {
		l.got += fmt.Sprintf("; all of it at the sgemm rate would give %.2f", q.Best*m.Ours.Best/(m.Flop/rate/1e6))
	}
	l.verdict = m.verdict(q.Median >= want, q.Best >= want)
	return l
}

// against are the row's peers that a line holds it against, and what they are called.
func (w row) against(which string) ([]peer, string) {
	switch which {
	case plainPeer:
		return w.peers[:1], w.peers[0].label
	case fastestPeer: // what runs our own operators is no rival: it shows what our layer saves
		return slices.DeleteFunc(slices.Clone(w.peers), func(p peer) bool { return p == onTape }), "the fastest peer"
	}
	for _, p := range w.peers {
		if p.variant == which {
			return []peer{p}, p.label
		}
	}
	return nil, which
}

// series are the measured times of the given peers.
func (m measurement) series(peers []peer) (out []series) {
	for _, s := range m.Peers {
		if slices.ContainsFunc(peers, func(p peer) bool { return p.label == s.Label }) {
			out = append(out, s)
		}
	}
	return out
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

// lighter judges a peak of memory against the peer's.
func (r record) lighter(id string) line {
	l := line{want: fmt.Sprintf("%s: less memory than %s", rowOf(memoryRows[id].job).title, memoryRows[id].peer.label)}
	m, v := r.get(id, 1)
	if v == "" && len(m.RSS) < 2 {
		v = unknown
	}
	if v != "" {
		l.verdict = v
		return l
	}
	l.got = fmt.Sprintf("peak %.0f MB, theirs %.0f MB", m.RSS[0], m.RSS[1])
	if l.verdict = fails; m.RSS[0] < m.RSS[1] {
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
