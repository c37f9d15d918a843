package kernel

// Transforms of images go through memory in portions of at most toomHeld floats where a product goes point by point: 32 MB.
const toomHeld = 1 << 23

// toomForward computes the forward product from transformed weights: item by item, each with all points, or point by point for all tiles. The bits are the same.
func (j *convJob) toomForward() {
	items := j.toomCut(1)
	if portions := j.toomPortions(); j.toomByPoints(items, portions) {
		j.toomPoints(portions)
		return
	}
	j.onToom(items, (*convJob).toomForwardItem)
}

// toomPortions is the number of portions in which the transforms of all images are held.
func (j *convJob) toomPortions() int {
	t := &j.toom
	all := j.N * t.y.tiles
	most := max(1, toomHeld/(t.floats(j.C*t.par+j.K)/t.y.tiles))
	return (all + most - 1) / most
}

// toomByPoints reports whether weights, which every item reads from its beginning to its end, would come from memory so often that it is cheaper to let the
// transforms of the images go there and back, twice each. In features alone: training keeps its memory for what gradients need.
func (j *convJob) toomByPoints(items, portions int) bool {
	t := &j.toom
	weights := t.y.points() * t.x.points() * t.point
	return j.Fast && (items-portions)*weights > 4*j.N*t.floats(j.C*t.par+j.K)
}

// toomPoints goes point by point: each one's weights are read once a portion.
func (j *convJob) toomPoints(portions int) {
	t := &j.toom
	all, kk, th := j.N*t.y.tiles, t.par*j.C, helpers()
	some := (all + portions - 1) / portions
	points, columns := t.y.points()*t.x.points(), panels(j.K, j.s.nr)
	parts := min(columns, panels(6*th, points))
	t.rowsPer = panels(columns, parts) * j.s.nr
	parts = panels(j.K, t.rowsPer)
	for u := 0; u < all; u += some {
		t.block = t.newBlock(u, min(all, u+some))
		t.v, t.z = grow(&t.vs, (t.block.total+j.s.mr)*kk), grow(&t.zs, t.block.total*j.K) // the last tile reads rows that are not there
		t.units = max(1, (t.block.u1-u)/(4*th))
		items := panels(t.block.u1-u, t.units)
		j.onToom(items, (*convJob).toomImages)
		j.onToom(points*parts, (*convJob).toomPoint)
		j.onToom(items, (*convJob).toomResults)
	}
}

// toomImages transforms the image for some units.
func (j *convJob) toomImages(w *scratch, i int) {
	t := &j.toom
	strips := j.toomStrips(w)
	for u, u1 := t.itemUnits(i); u < u1; u++ {
		j.toomImage(w, &t.block, u, t.v, strips)
	}
}

// toomPoint multiplies the rows of all tiles with some columns of the weights at one point: item = part of the columns * points + point.
func (j *convJob) toomPoint(w *scratch, i int) {
	t := &j.toom
	nx, points := t.x.points(), t.y.points()*t.x.points()
	point, c := i%points, i/points*t.rowsPer
	p, q := point/nx, point%nx
	if n := t.rows(&t.block, p, q); n > 0 {
		kk, from := t.par*j.C, t.block.from[p][q]
		j.toomProduct(w, n, t.v[from*kk:], kk, t.u[point*t.point+c*kk:], t.z[from*j.K+c:], j.K, 1, min(t.rowsPer, j.K-c))
	}
}

// toomResults transforms the products of some units back.
func (j *convJob) toomResults(w *scratch, i int) {
	t := &j.toom
	strips := j.toomStrips(w)
	for u, u1 := t.itemUnits(i); u < u1; u++ {
		j.toomResult(w, &t.block, u, t.z, strips)
	}
}
