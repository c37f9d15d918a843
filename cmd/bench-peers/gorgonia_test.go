package main

import "testing"

// Gorgonia trains the same nets: gradients and losses are ours, to rounding, and a step that is timed starts from the weights that ours starts from.
func TestGorgoniaTrainsTheSameNets(t *testing.T) {
	for _, c := range []struct{ net, variant string }{{"mlp", "gorgonia"}, {"mlp", "tape"}, {"small-64", "gorgonia"}, {"dcgan", "tape"}} {
		if testing.Short() && c.net == "dcgan" {
			continue
		}
		task, err := openGorgonia(args{"net": c.net}, c.variant)
		if err != nil {
			t.Fatalf("%s, %s: %v", c.net, c.variant, err)
		}
		if len(task.checked) != 3 { // two gradients and the losses
			t.Errorf("%s, %s: %d checks", c.net, c.variant, len(task.checked))
		}
		for _, k := range task.checked {
			if !k.ok() {
				t.Errorf("%s, %s: %s differ by %g, limit %g", c.net, c.variant, k.What, k.Error, k.Limit)
			}
		}
		for range 2 {
			if err := task.run(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := openGorgonia(args{"net": "vae"}, "gorgonia"); err == nil {
		t.Error("Gorgonia's own operators are said to train a VAE, which is not built in them")
	}
}

func TestApart(t *testing.T) {
	// differences 1 and 2 on 3 and 4: the root of 5/25
	if got, want := apart([][]float32{{4}, {6}}, [][]float32{{3}, {4}}), 0.4472135954999579; got != want {
		t.Errorf("%v, want %v", got, want)
	}
	if got := apart([][]float32{{4}}, [][]float32{{3}, {4}}); got != 1 {
		t.Errorf("a gradient that is missing: %v", got)
	}
}
