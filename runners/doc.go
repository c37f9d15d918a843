// Package runners turns a suite into records: configuration, plan, cells, records. Planning resolves every name and runs nothing; running executes the
// cells in parallel and writes one folder that can be killed at any moment and continued.
//
// The same plan gives the same records, but for their costs, for every number of workers and threads and every point of interruption.
package runners
