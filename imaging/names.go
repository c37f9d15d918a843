package imaging

import (
	"path"
	"strings"
)

// NameKind is what a file's name says about its content.
type NameKind int

// The kinds of names.
const (
	NoImage    NameKind = iota // nothing that holds a picture
	Readable                   // a format that DecodeBytes reads
	Unreadable                 // a picture in a format that it does not read: to be refused rather than passed over
)

// KindOfName goes by a file name's ending, in any case, as every tool does. It is the one list of endings: the readable ones are those of pytorch-fid, clean-fid
// and torchvision together, and GIF.
func KindOfName(name string) NameKind {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm":
		return Readable
	case ".heic", ".heif", ".avif", ".jxl", ".jp2", ".j2k", ".jpx", ".exr", ".hdr", ".tga", ".pcx", ".psd", ".dds", ".pfm", ".pam", ".qoi", ".cr2", ".nef", ".dng":
		return Unreadable
	}
	return NoImage
}
