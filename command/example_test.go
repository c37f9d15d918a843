package command_test

import (
	"context"
	"os"

	"github.com/assay-gan/assay/command"
	"github.com/assay-gan/assay/runners"
)

// A command of an assay of one's own. Its main is os.Exit(command.Main(kit)).
func ExampleRunKit() {
	kit := runners.DefaultKit()
	kit.Bibliography = "@misc{me2026,\n  author = {Me},\n  title = {A metric of my own},\n  year = {2026}\n}\n"
	command.RunKit(context.Background(), os.Stdout, os.Stderr, []string{"cite", "me2026"}, kit)
	// Output: me2026: Me: A metric of my own, 2026
}
