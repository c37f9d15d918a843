package main

import "testing"

// BenchmarkStep is one whole training step of each net of the table, without a peer.
func BenchmarkStep(b *testing.B) {
	for _, name := range []string{"mlp", "dcgan", "wgangp", "vae", "cyclegan", "infogan", "small-64", "unet", "lstm-words", "lstm-pixels"} {
		b.Run(name, func(b *testing.B) {
			n, err := build(name, checkSeed(name))
			if err != nil {
				b.Fatal(err)
			}
			if err := n.train1(); err != nil { // working memory is made once
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := n.train1(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
