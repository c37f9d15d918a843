// Package featurizertest is the law suite of featurizers: what every one promises, checked through the interface alone.
package featurizertest
