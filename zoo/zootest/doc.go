// Package zootest holds the laws that every model must keep. The catalog's models are walked by a test of package zoo; a model outside this module calls Laws
// from a test of its own.
package zootest
