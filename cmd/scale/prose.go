package main

// What the record does not hold.
const (
	streamed = ""
	building = ""
)
