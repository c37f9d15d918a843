package main

import (
	"fmt"
	"slices"
	"sync"

	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/nn"
)

// checkSteps is how many optimiser steps on fixed inputs both sides take before timing; their losses must agree.
const checkSteps = 3

// stepTask is one whole training step: fresh batch, critic, generator.
type stepTask struct{ *net }

// checkSeed gives weights and inputs at which no rounding decides the side of a rectifier. InfoGAN's nets have one so near 0 at seeds 1 and 3: one flips, and
// the generator's gradient is 7e-4 from float64's; at 2, 4 and 5 it is 2e-6.
func checkSeed(net string) uint64 {
	if net == "infogan" {
		return 2
	}
	return 1
}

func openStep(a args, dir string) (task, error) {
	n, err := build(a.str("net"), checkSeed(a.str("net")))
	if err != nil {
		return nil, err
	}
	if a.int("plain") == 1 { // nothing but training: its memory is measured
		return stepTask{n}, nil
	}
	return stepTask{n}, n.export(dir)
}

func (n stepTask) values() []float64 { return nil }

func (n stepTask) run() error { return n.train1() }

func (n *net) train1() error {
	for _, t := range n.turns {
		t.draw()
		if err := t.step.Run(); err != nil {
			return err
		}
	}
	return nil
}

// export writes the pools, the inputs of one batch, the parameters, and every turn's loss and gradients there, then the losses of a few optimiser
// steps on the same inputs. The parameters are put back afterwards.
func (n *net) export(dir string) error {
	for name, pool := range n.pools {
		rows := pool
		for _, x := range n.inputs {
			if x.Name() == name {
				shape := append([]int{0}, x.Shape()[1:]...)
				shape[0] = len(rows) / (x.Shape().TotalSize() / x.Shape()[0])
				if err := writeNPY(dir, "pool."+name, rows, shape...); err != nil {
					return err
				}
			}
		}
	}
	for _, x := range n.inputs {
		if err := writeNPY(dir, "in."+x.Name(), nn.Data(x), x.Shape()...); err != nil {
			return err
		}
	}
	for _, t := range n.turns {
		if err := t.export(dir); err != nil {
			return fmt.Errorf("turn %s: %w", t.name, err)
		}
	}
	return n.exportLosses(dir)
}

func (t *turn) export(dir string) error {
	grads, err := nn.Grad(t.loss, t.params...)
	if err != nil {
		return err
	}
	p, err := nn.Compile(append([]*nn.Node{t.loss}, grads...)...)
	if err != nil {
		return err
	}
	if err := p.Run(); err != nil {
		return err
	}
	if err := writeNPY(dir, "loss."+t.name, p.Get(t.loss)[:1]); err != nil {
		return err
	}
	for i, w := range t.params {
		if err := writeNPY(dir, "w."+w.Name(), nn.Data(w), w.Shape()...); err != nil {
			return err
		}
		if err := writeNPY(dir, "grad."+w.Name(), p.Get(grads[i]), w.Shape()...); err != nil {
			return err
		}
	}
	return nil
}

func (n *net) exportLosses(dir string) error {
	kept := n.weights()
	var losses []float64
	for range checkSteps {
		for _, t := range n.turns {
			if err := t.step.Run(); err != nil {
				return err
			}
			losses = append(losses, float64(t.step.Loss()))
		}
	}
	for i, w := range n.params() {
		copy(nn.Data(w), kept[i])
	}
	return writeNPY(dir, "losses", losses, len(losses))
}

func (n *net) params() (all []*nn.Node) {
	for _, t := range n.turns {
		all = append(all, t.params...)
	}
	return all
}

func (n *net) weights() (all [][]float32) {
	for _, w := range n.params() {
		all = append(all, slices.Clone(nn.Data(w)))
	}
	return all
}

// twinTask trains independent runs at once, each on one thread: one run (copies = 1) or two.
type twinTask struct{ nets []*net }

// twinSteps is how many steps a run does between two looks at the clock.
const twinSteps = 4

func openTwin(a args, _ string) (task, error) {
	kernel.SetThreads(1) // runs are parallel, not their kernels
	var t twinTask
	for i := range a.int("copies") {
		n, err := build(a.str("net"), uint64(i+1))
		if err != nil {
			return nil, err
		}
		t.nets = append(t.nets, n)
	}
	return t, nil
}

func (t twinTask) values() []float64 { return nil }

func (t twinTask) run() error {
	errs := make([]error, len(t.nets))
	var wg sync.WaitGroup
	for i, n := range t.nets {
		wg.Go(func() {
			for range twinSteps {
				if errs[i] = n.train1(); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
