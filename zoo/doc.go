// Package zoo holds the generative models, one a file. A model's file reads paper, networks, losses, turns, and holds only what differs from its
// relatives; everything else (batches, streams, optimisers, averages, checkpoints, resuming) is the session's.
//
// A session is deterministic: the same model, settings, data and seed give the same weights to the bit for every thread count, and a run that was
// interrupted and resumed from its checkpoint equals one that was not.
package zoo
