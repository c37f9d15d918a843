// Package command is the command line: one file a sub-command. It parses, calls the packages below, and prints; it computes nothing itself.
package command
