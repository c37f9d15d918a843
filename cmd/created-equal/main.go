// Command created-equal keeps the page that answers the question of the large-scale study of GANs [lucic2018] and the first table of README: it takes the records of a
// finished study into docs/results, and writes page, pictures and table from them. Every number there follows from these records.
//
//	go run ./cmd/created-equal collect RUN...   take the records of run folders
//	go run ./cmd/created-equal pages            write docs/CREATED-EQUAL.md, its pictures and README's part
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/internal/atomicfile"
)

func main() {
	if err := run(os.Stdout, ".", os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "created-equal:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, root string, args []string) error {
	switch {
	case len(args) > 1 && args[0] == "collect":
		for _, dir := range args[1:] {
			a, err := collect(root, dir)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%s: %d cells, %d values\n", a.Suite, a.Cells, a.Values)
		}
		return nil
	case len(args) == 1 && args[0] == "pages":
		b, err := openBook(root)
		if err != nil {
			return err
		}
		files, err := b.files(root)
		if err != nil {
			return err
		}
		for name, text := range files {
			if err := atomicfile.WriteBytes(filepath.Join(root, name), text); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("usage: created-equal collect RUN..., or created-equal pages")
}
