package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/suggest"
)

func (a *app) fetch() *cobra.Command {
	var to, url, digest, format string
	var quiet bool
	c := &cobra.Command{
		Use:   "fetch inception",
		Short: "Download the public Inception weights",
		Long: `Fetch downloads the weights of the FID network (95.6 MB), checks their sha256 and keeps them
where score finds them. It is the only command that uses the network. An interrupted download is
continued; a wrong file never appears under its name. HTTP_PROXY, HTTPS_PROXY and NO_PROXY are
obeyed. Without a network, bring the file ` + featurizer.PublicInception + ` by
hand and name it by --weights.`,
		Example: `  assay fetch inception
  assay fetch inception --to weights/
  HTTPS_PROXY=http://proxy:3128 assay fetch inception`,
		Args:      takes(1, 1, "what to fetch: inception"),
		ValidArgs: []string{"inception"},
	}
	known := featurizer.InceptionDownload()
	c.Flags().StringVar(&to, "to", "", "`file` to write, or a folder ending in / (default: the cache folder)")
	c.Flags().StringVar(&url, "url", known.URL, "`address` of a mirror")
	c.Flags().StringVar(&digest, "sha256", known.SHA256, "`digits` that the file's sha256 must begin with, at least 8")
	c.Flags().BoolVar(&quiet, "quiet", false, "no progress")
	formatFlag(c, &format, "table", "json")
	c.RunE = func(c *cobra.Command, args []string) error {
		if args[0] != "inception" {
			return usage(suggest.Unknown("file", args[0], []string{"inception"}))
		}
		if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
			return usagef("--url %q: want an address that begins with http:// or https://", url)
		}
		known.URL, known.SHA256 = url, strings.ToLower(digest)
		path, err := a.download(c, known, to, quiet)
		if err != nil {
			return err
		}
		if format == "json" {
			return a.json(map[string]string{"path": path, "url": url, "sha256": known.SHA256})
		}
		_, err = fmt.Fprintf(a.out, "%s: sha256 %s..., as published\n", path, known.SHA256)
		return err
	}
	return c
}

// download fetches into a folder and gives the file the name that was asked for.
func (a *app) download(c *cobra.Command, d featurizer.Download, to string, quiet bool) (string, error) {
	dir, name := to, ""
	if to == "" {
		var err error
		if dir, err = (featurizer.Env{}).CachePath(); err != nil {
			return "", usagef("%w: name a place by --to FILE, and use it by --weights FILE", err)
		}
	} else if info, err := os.Stat(to); !strings.HasSuffix(to, "/") && (err != nil || !info.IsDir()) {
		dir, name = filepath.Split(to)
	}
	show := newLiveLine(a.screen)
	show.last = time.Now() // what is quick says nothing
	path, err := d.To(c.Context(), filepath.Clean(dir), func(done, total int64) {
		if quiet || !show.due(time.Now()) {
			return
		}
		line := fmt.Sprintf("%.1f MB", float64(done)/1e6)
		if total > 0 {
			line += fmt.Sprintf(" of %.1f MB", float64(total)/1e6)
		}
		show.show(line)
	})
	show.clear()
	if err != nil || name == "" || filepath.Base(path) == name {
		return path, err
	}
	return to, os.Rename(path, to)
}
