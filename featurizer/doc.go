// Package featurizer maps samples to feature vectors and class probabilities. A featurizer has no training mode and no hidden state: the same
// samples give the same bits for every batch size and thread count.
package featurizer
