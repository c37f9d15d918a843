// Command cards keeps the zoo's documentation pages: it takes the records and pictures of runs into docs/zoo, and writes a page for every model and one of
// studies from them. Every number on a page is a line of docs/zoo/results.
//
//	go run ./cmd/zoo-cards collect RUN...   take the records and pictures of run folders
//	go run ./cmd/zoo-cards pages            write the pages
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/internal/atomicfile"
)

func main() {
	if err := run(os.Stdout, filepath.Join("docs", "zoo"), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cards:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, docs string, args []string) error {
	switch {
	case len(args) > 1 && args[0] == "collect":
		for _, dir := range args[1:] {
			n, err := collect(docs, dir)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%s: %d cells\n", dir, n)
		}
		return nil
	case len(args) == 1 && args[0] == "pages":
		b, err := openBook(docs)
		if err != nil {
			return err
		}
		for name, text := range b.pages() {
			if err := atomicfile.WriteBytes(filepath.Join(docs, name), []byte(text)); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("usage: cards collect RUN..., or cards pages")
}
