// Package listing says which files of a folder, a zip or a tar archive are the images of a set. Every command asks it, so that the same set comes out whichever
// door it comes through:
//
//   - an image is a file whose name ends in a known way (imaging.KindOfName), in any case; one in a format that cannot be read is listed too, as a bad file;
//   - hidden files and folders (a name that begins with a dot) and the litter of systems and programs (__MACOSX, Thumbs.db, .ipynb_checkpoints, ...) are left
//     out at any depth, and so are files that are no images by their names; all of them are counted and named;
//   - symbolic links are followed, to files and to folders, and count as what they point to; loops are cut. In archives they are followed inside of the archive;
//   - of members of an archive with one name the last counts, as unpacking would have it;
//   - the order is that of the names, byte by byte.
//
// Nothing is written to disk and no name can lead out of the place.
package listing
