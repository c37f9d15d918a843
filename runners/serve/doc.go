// Package serve shows a run in a browser while it is at work: progress, the cells in training and their losses, scores as they come, the newest samples. It reads the
// run folder and writes nothing but its index; it asks nothing of the process that runs, which may be killed and started again meanwhile. When nothing is left to
// come, the page is the report.
package serve
