package runners_test

import (
	"context"
	"fmt"
	"os"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// A whole suite: configuration, plan, cells, records, report.
func ExampleRun() {
	suite, err := runners.ParseConfig("tiny.yaml", []byte(`{name: tiny, samples: 200, budget: 20, models: [vae], datasets: [{name: ring, train: 500, test: 200, hold: 1}], featurizers: [none], metrics: [fd]}`))
	if err != nil {
		panic(err)
	}
	kit := runners.DefaultKit()
	plan, err := runners.NewPlan(kit, suite)
	if err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	done, err := runners.Run(context.Background(), kit, plan, runners.Options{Dir: dir})
	if err != nil {
		panic(err)
	}
	run, err := reports.Load(dir)
	if err != nil {
		panic(err)
	}
	fmt.Println(done.Total, len(done.Failed), len(reports.Where(run.Records, func(r reports.Record) bool { return r.Model == "vae" && r.Metric == "fd" })))
	// Output: 4 0 1
}
