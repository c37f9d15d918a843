package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/runners/serve"
)

func (a *app) serve() *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use:   "serve RUN",
		Short: "Show a run in a browser while it is at work",
		Long: `Serve shows a run folder as a page: progress, the cells at work and their
losses, scores as they come, the newest samples. The run may be at work, stopped
or finished, and may be killed and started again meanwhile; when nothing is left
to come, the page is the report. Nothing but index.sqlite is written.

Only this machine can see the page, unless --addr names an address of another
network: then everybody who can reach that address sees it, without a password.`,
		Example: `  assay serve runs/default-1a2b3c4d
  assay serve runs/default-1a2b3c4d --addr 127.0.0.1:8080`,
		Args: takes(1, 1, "one run folder"),
	}
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "`address` to listen at")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		l, loopback, err := serve.Listen(addr)
		if err != nil {
			return usage(err)
		}
		s, err := serve.New(ctx, args[0], serve.Options{Any: !loopback})
		if err != nil {
			_ = l.Close() // the other error says why
			return err
		}
		fmt.Fprintf(a.out, "http://%s/ shows %s; Ctrl-C ends it\n", l.Addr(), args[0])
		if !loopback {
			fmt.Fprintln(a.err, "assay: note: this address is not of this machine alone: whoever reaches it sees the run")
		}
		return s.Serve(ctx, l)
	}
	return c
}
