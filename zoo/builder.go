package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// Builder is what a model is put together on: the resolved settings, the shape of the data, inputs that the session fills, and the places to hand in
// turns and the sample program. All shapes are those of one batch: {Batch, D} for points, {Batch, H, W, C} for images.
type Builder struct {
	Settings Settings
	Kind     datasets.Kind
	Shape    []int // of one sample
	Classes  int   // number of labels, 0 for unlabelled data
	Batch    int

	graph   *nn.Graph
	seed    uint64
	set     *datasets.Set
	scale   scaling // of the data the model makes
	source  scaling // of the data a translation reads
	feeds   []input
	turns   []*turn
	sample  samplePlan
	density *Density // nil where the model says nothing about given samples
	extra   float64  // bytes beside the graph
}

// input ties a feed to the graph inputs it fills.
type input struct {
	feed
	nodes []*nn.Node
	draw  func([]float32, *rng.Source) // how the sample program fills it; nil for training data
	label bool                         // the sample program fills it with the classes asked for
	read  bool                         // the sample program fills it with samples to translate
}

// Role says which side of the game a turn moves; it decides what the turn costs.
type Role string

// The roles.
const (
	Critic    Role = "critic"    // discriminators, critics: counted as D-steps
	Generator Role = "generator" // generators, and the networks of models without an opponent: counted as G-steps
)

// Turn is one kind of update: which networks move, down which loss, how often in a step.
type Turn struct {
	Name   string
	Role   Role
	Repeat int        // times in a step; 0 means 1
	Loss   *nn.Node   // scalar, minimised
	Train  []*nn.Node // the parameters that move; everything else is frozen
	With   nn.Optimizer
	Clip   float64                // afterwards clip every trained weight to [-Clip, Clip]; 0 means never
	Watch  map[string]*nn.Node    // scalars to record beside the loss
	Next   []Next                 // states that move after the update
	Rate   func(step int) float64 // what multiplies the learning rate in the step with that many steps before it; nil means 1
	When   func(step int) bool    // whether the turn is played in the step with that many steps before it: phases of training; nil means always
}

// played says whether a turn takes part in the step with so many steps before it.
func (t *Turn) played(step int) bool { return t.When == nil || t.When(step) }

// Next moves a state after a turn: State takes what Value was while the turn ran. All values of a turn are taken before any state moves. A state is made
// by Scope.State, so it travels in checkpoints; a controller such as BEGAN's k, or a level that decays, is one.
type Next struct{ State, Value *nn.Node }

type turn struct {
	Turn
	step  *nn.Step
	feeds []feed
}

// run does the update on the inputs as they are, then moves the states.
func (t *turn) run() error {
	if err := t.step.Run(); err != nil {
		return fmt.Errorf("turn %s: %w", t.Name, err)
	}
	for _, n := range t.Next {
		copy(nn.Data(n.State), t.step.Value(n.Value))
	}
	return nil
}

type samplePlan struct {
	out     *nn.Node
	drawer  Drawer     // instead of out
	codes   *nn.Node   // latent vectors of a batch of data, for models with an encoder
	weights []*nn.Node // averaged when ema > 0
}

// Scope names a network; its parameters are called scope.layer.name in checkpoints.
func (b *Builder) Scope(name string) *nn.Scope { return b.graph.Scope(name) }

// Real is a batch of training samples (points scaled to root mean square 1).
func (b *Builder) Real() *nn.Node {
	x, _ := b.batch("real", b.set.Train, b.scale, false)
	return x
}

// RealLabelled is a batch of training samples with their classes as one-hot rows, and a second set of rows that name a wrong class for each.
func (b *Builder) RealLabelled() (x, y, wrong *nn.Node, err error) {
	if b.Classes < 2 {
		return nil, nil, nil, fmt.Errorf("data set %s has no labels: choose one that has, or an unconditional model", b.set.Info.ID)
	}
	x, f := b.batch("real", b.set.Train, b.scale, true)
	y = b.feeds[len(b.feeds)-1].nodes[1]
	wrong = b.noise("wrong", otherThan(f, b.Classes), b.Classes)
	return x, y, wrong, nil
}

func (b *Builder) batch(name string, from *datasets.Samples, scale scaling, labelled bool) (*nn.Node, *batches) {
	x := b.graph.Input(name, append([]int{b.Batch}, from.Shape...)...)
	f := &batches{id: name, from: from, scale: scale, into: nn.Data(x), labels: make([]int, b.Batch), seed: b.seed}
	in := input{feed: f, nodes: []*nn.Node{x}}
	if labelled {
		y := b.graph.Input(name+"-label", b.Batch, b.Classes)
		f.onehot = nn.Data(y)
		in.nodes = append(in.nodes, y)
	}
	b.feeds = append(b.feeds, in)
	return x, f
}

// Latent is a batch of latent vectors z ~ N(0, I). Samples are drawn from the same distribution as training uses.
func (b *Builder) Latent() *nn.Node {
	return b.noise("latent", normal, b.Settings.Int("latent"))
}

// Normal is a batch of standard normal rows beside the latent vector, such as the reparametrisation noise of a VAE.
func (b *Builder) Normal(name string, width int) *nn.Node { return b.noise(name, normal, width) }

// Uniform is a batch of rows uniform on [0, 1).
func (b *Builder) Uniform(name string, width int) *nn.Node {
	return b.noise(name, uniform(0, 1), width)
}

// AskedClass is a batch of uniformly random classes as one-hot rows; when samples are drawn it holds the classes that were asked for.
func (b *Builder) AskedClass() *nn.Node {
	n := b.noise("class", classes(b.Classes), b.Classes)
	b.feeds[len(b.feeds)-1].label = true
	return n
}

func (b *Builder) noise(name string, draw func([]float32, *rng.Source), width int) *nn.Node {
	n := b.graph.Input(name, b.Batch, width)
	f := &noise{id: name, into: nn.Data(n), draw: draw, stream: rng.Stream(b.seed, "noise", name)}
	b.feeds = append(b.feeds, input{feed: f, nodes: []*nn.Node{n}, draw: draw})
	return n
}

// Turn adds an update to the step. Turns run in the order they are added, each Repeat times, every time on fresh inputs.
func (b *Builder) Turn(t Turn) error {
	if t.Repeat == 0 {
		t.Repeat = 1
	}
	var extras []*nn.Node
	for _, n := range sortedWatch(t.Watch) {
		extras = append(extras, t.Watch[n])
	}
	for _, n := range t.Next {
		extras = append(extras, n.Value)
	}
	step, err := nn.NewStep(t.Loss, t.Train, t.With, extras...)
	if err != nil {
		return fmt.Errorf("turn %s: %w", t.Name, err)
	}
	if t.Clip > 0 {
		step.Clip(float32(t.Clip))
	}
	u := &turn{Turn: t, step: step}
	for _, n := range t.Next {
		if has, next := nn.Count([]*nn.Node{n.State}), nn.Count([]*nn.Node{n.Value}); has != next {
			return fmt.Errorf("turn %s: state %s has %d values, what follows it %d", t.Name, n.State.Name(), has, next)
		}
	}
	for _, in := range b.feeds {
		for _, n := range in.nodes {
			if step.Value(n) != nil { // only leaves that the program reads have memory in it
				u.feeds = append(u.feeds, in.feed)
				break
			}
		}
	}
	b.turns = append(b.turns, u)
	return nil
}

// Samples hands in the node that holds a batch of samples in evaluation mode, and the parameters that an average (setting ema) is kept of.
func (b *Builder) Samples(out *nn.Node, weights []*nn.Node) {
	b.sample.out, b.sample.weights = out, weights
}

// Drawn hands in an object that makes samples which are not one pass of the graph, in place of Samples.
func (b *Builder) Drawn(d Drawer, weights []*nn.Node) {
	b.sample.drawer, b.sample.weights = d, weights
}

// Adam is the optimiser of the settings with the given learning-rate name and the settings' beta1 and beta2.
func (b *Builder) Adam(rate string) nn.Optimizer {
	return nn.Adam{LR: b.Settings.Float(rate), B1: b.Settings.Float("beta1"), B2: b.Settings.Float("beta2"), Eps: 1e-8}
}

// RMSProp is the optimiser of the settings with the given learning-rate name and the settings' rms_decay.
func (b *Builder) RMSProp(rate string) nn.Optimizer {
	return nn.RMSProp{LR: b.Settings.Float(rate), Decay: b.Settings.Float("rms_decay"), Eps: 1e-8}
}
