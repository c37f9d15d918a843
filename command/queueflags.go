package command

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/runners/queue"
	"github.com/assay-gan/assay/threads"
)

// queueFlags say where a queue is.
type queueFlags struct {
	at      string
	secrets queue.Secrets
	lease   time.Duration // of a coordinator
}

func (q *queueFlags) add(c *cobra.Command, help string) {
	c.Flags().StringVar(&q.at, "queue", "", help)
	c.Flags().StringVar(&q.secrets.CredsFile, "queue-creds", "", "`file` of NATS credentials")
	c.Flags().StringVar(&q.secrets.TokenFile, "queue-token", "", "`file` with a token (or ASSAY_QUEUE_TOKEN)")
	c.Flags().StringVar(&q.secrets.CAFile, "queue-ca", "", "`file` of the authority that a tls:// server is known by")
}

// coordinate makes the hands that share the cells out over a queue; nil where none is asked for.
func (q *queueFlags) coordinate(c *cobra.Command, workers int) (*queue.Coordinator, error) {
	if q.at == "" {
		if q.secrets != (queue.Secrets{}) || c.Flags().Changed("queue-lease") {
			return nil, usagef("--queue-creds, --queue-token, --queue-ca and --queue-lease belong to --queue")
		}
		return nil, nil
	}
	a, err := queue.ParseAddress(q.at, q.secrets)
	if err != nil {
		return nil, usage(err)
	}
	if !c.Flags().Changed("workers") {
		workers = threads.Count()
	}
	h, err := queue.Open(queue.Options{Address: a, Workers: workers, Lease: q.lease})
	return h, usage(err)
}

// runOver carries a plan out, over a queue where there is one.
func (a *app) runOver(c *cobra.Command, h *queue.Coordinator, p *runners.Plan, o runners.Options) (*runners.Summary, error) {
	if h == nil {
		return runners.Run(c.Context(), a.kit, p, o)
	}
	o.Hands = h
	sum, err := runners.Run(c.Context(), a.kit, p, o)
	return sum, errors.Join(err, h.Close(err == nil))
}

// again is what a command that goes on needs to say of the queue.
func (q *queueFlags) again(workers int) (parts []string) {
	if q.at != "" && workers >= 0 {
		parts = append(parts, fmt.Sprintf("--workers %d", workers))
	}
	for _, f := range []struct{ name, value string }{{"queue", q.at}, {"queue-creds", q.secrets.CredsFile}, {"queue-token", q.secrets.TokenFile}, {"queue-ca", q.secrets.CAFile}} {
		if f.value != "" {
			parts = append(parts, fmt.Sprintf("--%s %s", f.name, f.value))
		}
	}
	if q.lease != queue.DefaultLease && q.lease != 0 {
		parts = append(parts, "--queue-lease "+q.lease.String())
	}
	return parts
}
