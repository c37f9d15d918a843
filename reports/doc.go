// Package reports turns records into statistics, tables, plots, pages and gate verdicts. It can be run again from the records alone, on another
// machine, years later: it knows no model, no metric and no network, reads no clock, and the same records give the same bytes.
package reports
