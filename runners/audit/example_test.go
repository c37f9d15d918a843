package audit_test

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/runners/audit"
)

// One metric on one published check: of the modes of the synthetic data, five are real ones and the others invented.
func ExampleSanity() {
	res, err := audit.Sanity(context.Background(), runners.DefaultKit(), audit.SanityRequest{
		Metrics: []string{"fd_diag"}, Checks: []string{"gaussian-mixture-mode-dropping-invention"}, Seed: 1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range res.Subjects() {
		for _, f := range s.Findings {
			fmt.Printf("%s: %s: %s\n", s.Name(), f.Criterion, f.Outcome)
		}
	}
	// Output:
	// fd_diag: identical: pass
	// fd_diag: shape: fail
}
