// Command cards keeps the zoo's documentation pages: it takes the records and pictures of runs into docs/zoo, and writes a page for every model and one of
// studies from them. Every number on a page is a line of docs/zoo/results.
//
//	go run ./cmd/zoo-cards collect RUN...   take the records and pictures of run folders
//	go run ./cmd/zoo-cards papers RUN...    take the records of run folders of papers' tables into docs/results
//	go run ./cmd/zoo-cards measures DATA    work out the published figures about measures (DATA has MNIST's files)
//	go run ./cmd/zoo-cards rates DATA       time the steps of papers that are not run
//	go run ./cmd/zoo-cards pages            write the pages
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/internal/atomicfile"
)

func main() {
	if err := run(context.Background(), os.Stdout, filepath.Join("docs", "zoo"), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cards:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, docs string, args []string) error {
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
	case len(args) > 1 && args[0] == "papers":
		for _, dir := range args[1:] {
			n, err := addPapers(ctx, docs, dir)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%s: %d new records\n", dir, n)
		}
		return nil
	case len(args) == 2 && args[0] == "measures":
		return measure(ctx, papersFile(docs, measuresSuite), args[1])
	case len(args) == 2 && args[0] == "rates":
		return timeRates(ctx, papersFile(docs, ratesSuite), args[1])
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
	return fmt.Errorf("usage: cards collect RUN..., papers RUN..., measures DATA, rates DATA, or pages")
}
