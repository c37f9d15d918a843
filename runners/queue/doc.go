// Package queue carries the cells of a run out on many machines, over NATS JetStream.
//
// The queue is disposable. The run folder of the coordinator is the only truth: what it lacks of the plan is what the queue holds at every start, and whatever the
// queue loses is put in again. Workers own nothing: a cell is leased to them while they say that they are at it, and goes to another one when they fall silent,
// together with the last checkpoint they sent. Wherever, in whatever order and however often cells are carried out, the records are those of an undisturbed run on
// one machine, but for their cost.
package queue
