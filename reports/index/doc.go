// Package index keeps what tables, progress and the live page ask of a run in a SQLite file beside its records. The records are the truth: the index is made from
// them, brought up to date whenever it is opened, and may be deleted at any time. A file that is damaged, of another version or made from other records is made
// anew; where none can be written, or another process holds it, one is made in memory. Every row carries a checksum: what the file does not hold as it was
// written is never served.
package index
