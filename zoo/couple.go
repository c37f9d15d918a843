package zoo

import "github.com/assay-gan/assay/nn"

// couple is what the models of unpaired translation share: a translator G from X to Y, a translator F back, and a critic of either domain. Losses and their weights
// are the models' own.
type couple struct {
	b                          *Builder
	gs, fs, dxs, dys           *nn.Scope
	g, f                       func(x *nn.Node, m nn.Mode) *nn.Node
	x, y                       *nn.Node // batches of the two domains
	fakeX, fakeY               *nn.Node // F(y), G(x)
	backX, backY               *nn.Node // F(G(x)), G(F(y))
	onX, onY, onFakeX, onFakeY *nn.Node // the critics' answers
}

// couple puts the four networks together; skip is the translators'.
func (b *Builder) couple(skip bool) (*couple, error) {
	if err := b.checkShape(); err != nil {
		return nil, err
	}
	x, y, err := b.Domains()
	if err != nil {
		return nil, err
	}
	c := &couple{b: b, x: x, y: y, gs: b.Scope("g"), fs: b.Scope("f"), dxs: b.Scope("d_x"), dys: b.Scope("d_y")}
	norm := b.Settings.Word("d_norm")
	c.g, c.f = b.squashed(b.translator(c.gs, 0, skip)), b.squashed(b.translator(c.fs, 0, skip))
	dx, dy := b.critic(c.dxs, b.channelsIn(), 1, norm), b.critic(c.dys, b.channelsIn(), 1, norm)

	c.fakeY, c.fakeX = c.g(x, nn.Train), c.f(y, nn.Train)
	c.onX, c.onY = dx.Forward(x, nn.Train), dy.Forward(y, nn.Train)
	c.onFakeX, c.onFakeY = dx.Forward(c.fakeX, nn.Train), dy.Forward(c.fakeY, nn.Train)
	c.backX, c.backY = c.f(c.fakeY, nn.Train), c.g(c.fakeX, nn.Train)
	return c, nil
}

func (b *Builder) squashed(t translator) func(x *nn.Node, m nn.Mode) *nn.Node {
	return func(x *nn.Node, m nn.Mode) *nn.Node { return b.squash(t(x, nil, m)) }
}

// rivals are the losses of the critics and of the translators, summed over the two domains.
func (c *couple) rivals(loss string) (d, g *nn.Node) {
	dx, f := rivals(loss, c.onX, c.onFakeX)
	dy, g := rivals(loss, c.onY, c.onFakeY)
	return nn.Add(dx, dy), nn.Add(g, f)
}

// back is the error of both round trips.
func (c *couple) back(distance func(a, b *nn.Node) *nn.Node) *nn.Node {
	return nn.Add(distance(c.backX, c.x), distance(c.backY, c.y))
}

// play adds the two turns, each of which moves both of its networks, and the sample program x -> G(x). cycle is watched.
func (c *couple) play(u duel, cycle *nn.Node) error {
	if u.optimiser == nil {
		u.optimiser = c.b.Adam
	}
	err := c.b.Turn(Turn{Name: "d", Role: Critic, Repeat: c.b.Settings.Int("d_steps"), Loss: u.dLoss, Train: append(c.dxs.Params(), c.dys.Params()...), With: u.optimiser("lr_d"),
		Clip: u.clip})
	if err != nil {
		return err
	}
	err = c.b.Turn(Turn{Name: "g", Role: Generator, Loss: u.gLoss, Train: append(c.gs.Params(), c.fs.Params()...), With: u.optimiser("lr_g"), Watch: map[string]*nn.Node{"cycle": cycle}})
	if err != nil {
		return err
	}
	c.b.Samples(c.g(c.x, nn.Eval), c.gs.Params())
	return nil
}

// shortcut is the setting of the translators' short ways. On points they make a translator begin near "change nothing", which keeps any correspondence that the
// scaled domains already have; without them it begins with whatever its random weights say.
func shortcut(def string) Setting {
	return word("skip", def, "short ways past a translator's inner layers", "on", "off")
}

func sum(terms ...*nn.Node) *nn.Node {
	s := terms[0]
	for _, t := range terms[1:] {
		s = nn.Add(s, t)
	}
	return s
}
