package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/runners/queue"
	"github.com/assay-gan/assay/threads"
)

type workerFlags struct {
	queue     queueFlags
	data, dir string
	cache     string
	workers   int
	wait      time.Duration
	quiet     bool
	allowExec bool
}

func (a *app) worker() *cobra.Command {
	var f workerFlags
	c := &cobra.Command{
		Use:   "worker --queue URL",
		Short: "Carry out cells of a suite that another machine runs",
		Long: `Worker takes cells from the queue of assay bench SUITE --queue, until the suite is
finished. It may come, go and be killed at any moment: what it was at goes to
another worker, from the last checkpoint. It must be the same binary, with the
same kernels (ASSAY_CPU), as the one that runs the suite. Cells whose data files
it lacks it leaves to others.`,
		Example: `  assay worker --queue nats://10.0.0.5:4222 --data ../data
  ASSAY_QUEUE_TOKEN=... assay worker --queue tls://queue.example.org/mine --workers 4`,
		Args: takes(0, 0, "no argument"),
	}
	f.queue.add(c, "`URL` of the queue, such as nats://HOST:4222")
	dataFlag(c, &f.data)
	cacheFlag(c.Flags(), &f.cache)
	c.Flags().StringVar(&f.dir, "dir", "", "`folder` of this worker alone, for what is in progress\n(default: one in the system's for temporary files)")
	wholeFlag(c.Flags(), &f.workers, "workers", "", 0, span{lo: 1, hi: maxThreads, zero: "one a core"}, "cells at a `time` (default: one a core)")
	durationFlag(c.Flags(), &f.wait, "wait", 2*time.Minute, 0, "how `long` to wait for a server or a study")
	c.Flags().BoolVar(&f.quiet, "quiet", false, "no lines about what happens")
	execFlag(c, &f.allowExec)
	c.RunE = func(c *cobra.Command, _ []string) error { return a.runWorker(c.Context(), f) }
	return c
}

func (a *app) runWorker(ctx context.Context, f workerFlags) (err error) {
	if f.queue.at == "" {
		return usagef("--queue is missing: give the URL that assay bench SUITE --queue printed")
	}
	at, err := queue.ParseAddress(f.queue.at, f.queue.secrets)
	if err == nil && at.Listen != "" {
		err = fmt.Errorf("--queue %s: a worker starts no server: give the URL of one, such as nats://%s", f.queue.at, at.Listen)
	}
	if err != nil {
		return usage(err)
	}
	if f.dir == "" {
		if f.dir, err = workerFolder(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(f.dir)) }()
	}
	if f.workers == 0 {
		f.workers = threads.Count()
	}
	threads.Set(max(1, threads.Count()/f.workers))
	start := time.Now()
	say := func(text string) {
		if !f.quiet {
			fmt.Fprintf(a.err, "%6.1fs  %s\n", time.Since(start).Seconds(), quote.Flat(text))
		}
	}
	say(runners.Origin(a.ownVersion()).String())
	sum, err := queue.Work(ctx, a.kit, queue.WorkerOptions{
		Address: at, Dir: f.dir, Data: dataDir(f.data), Version: a.ownVersion(), Cache: featureFolder(f.cache), Workers: f.workers, Wait: f.wait, Say: say,
		AllowExec: f.allowExec || os.Getenv("ASSAY_ALLOW_EXEC") == "1",
	})
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: what was in progress is given back; %d cells were handed over", sum.Cells)
	}
	if err != nil {
		return err
	}
	say(fmt.Sprintf("the suite is finished; %d cells were handed over", sum.Cells))
	return nil
}

// workerPrefix is how the names of workers' own folders begin, in the system's for temporary files.
const workerPrefix = "assay-worker-"

// workerFolder makes a folder for a worker, and removes those of workers that were killed: models in training are large.
func workerFolder() (string, error) {
	old, err := os.ReadDir(os.TempDir())
	if err != nil {
		return "", err
	}
	for _, e := range old {
		if dir := filepath.Join(os.TempDir(), e.Name()); strings.HasPrefix(e.Name(), workerPrefix) && runners.Abandoned(dir) {
			_ = os.RemoveAll(dir) // somebody else's stays
		}
	}
	return os.MkdirTemp("", workerPrefix)
}
