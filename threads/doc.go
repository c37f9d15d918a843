// Package threads says how many threads the whole library uses: all cores unless told otherwise. No result depends on it: the same input gives the same bytes for
// every number.
package threads
