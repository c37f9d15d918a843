// Package imaging turns image files into pixels and back: decoding under stated policies, every peer's resampler, quantisation, contact sheets.
//
// It promises that the same bytes give the same pixels on every machine, that no image larger than the limit is ever allocated, and that
// whatever was lost or decided on the way (alpha, palette, 16 bits, lossy coding, rotation) is told in a warning.
package imaging
