// Package source hands out the images of a folder, an archive or an array file one by one, of any and mixed sizes. Which files of a folder or an archive are
// the images, package listing says.
//
// It promises that the order depends on names alone, that nothing is written to disk, that no image is dropped in silence, and that no file
// can make it allocate more than its limits.
package source
