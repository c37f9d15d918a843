// Package audit says which metric can be trusted. Sanity runs the published sanity checks of package metrics/sanity on every metric of a kit. Data asks the same of the user's
// own data: it plants faults of growing strength into real samples and sees which metric, in which feature space, notices them.
//
// Both keep every finished piece in a folder and go on from there: an audit that was interrupted gives the same answers as one that was not.
package audit
