// Package datasets holds what models learn from: synthetic sets that carry their own truth, and readers of files on disk.
//
// Loading is deterministic: the same options give the same bytes, for any number of workers, and the splits of one set never share a sample.
// Every error is one line that names the set, the file, the place in it and the remedy.
package datasets
