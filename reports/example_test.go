package reports_test

import (
	"os"
	"strings"

	"github.com/assay-gan/assay/reports"
)

// Records read and tabled: the median of each model's seeds.
func ExampleTabulate() {
	lines := `{"cell":"a1","model":"gan","dataset":"ring","seed":1,"step":9,"metric":"fd","value":3,"better":"lower","status":"ok"}
{"cell":"a2","model":"gan","dataset":"ring","seed":2,"step":9,"metric":"fd","value":5,"better":"lower","status":"ok"}
{"cell":"b1","model":"vae","dataset":"ring","seed":1,"step":9,"metric":"fd","value":1,"better":"lower","status":"ok"}
`
	recs, _, err := reports.Read(strings.NewReader(lines), "records.jsonl")
	if err != nil {
		panic(err)
	}
	if err := reports.Markdown(os.Stdout, reports.Tabulate(reports.Summarise(recs, 0.95), reports.Select{Metric: "fd"})); err != nil {
		panic(err)
	}
	// Output:
	// | model | ring |
	// |---|--:|
	// | gan | 4 (3–5) |
	// | vae | **1** |
}
