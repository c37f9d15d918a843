package datasets

import (
	"archive/tar"
	"cmp"
	"context"
	"errors"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/imaging/listing"
	"github.com/assay-gan/assay/internal/inputfile"
)

// Limits of an archive: a member over 16 MiB is no training image of a set this size, and more than a million members do not fit.
const (
	maxMember  = 16 << 20
	maxMembers = 1 << 20
)

// readArchive decodes a tar, plain or gzip, of CLASS/NAME.png or .jpg files; labels follow info.Classes, rows the sorted names.
func readArchive(ctx context.Context, info Info, file string) (*raw, []string, error) {
	name := info.ID + ": " + filepath.Base(file)
	r, f, err := openData(ctx, file)
	if err != nil {
		if stopped(ctx, err) {
			return nil, nil, ctx.Err()
		}
		return nil, nil, corrupt("%s: %s", name, cut(err))
	}
	defer f.Close()
	members, err := listTar(r, name, info.Classes)
	if stopped(ctx, err) {
		return nil, nil, ctx.Err()
	}
	if err != nil {
		return nil, nil, err
	}
	rows, warnings, err := stack(ctx, info.ID, len(members), 0, info.Shape[2], func(i int) (picture, error) { return members[i], nil })
	if err != nil {
		return nil, nil, err
	}
	if !slices.Equal(rows.shape, info.Shape) {
		return nil, nil, corrupt("%s: images are %v, this set's are %v", name, rows.shape, info.Shape)
	}
	return rows, warnings, nil
}

// listTar reads the image files of a tar into memory, sorted by name. The folder right above a file is its class; other files than images are skipped.
func listTar(r io.Reader, name string, classes []string) ([]picture, error) {
	var list []picture
	var total int64
	for t := inputfile.NewTar(r); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) { // behind the end mark, and behind a gzip's checksum
			break
		}
		if err != nil {
			return nil, corrupt("%s: %s after member %d: download it again", name, tarFault(err), len(list))
		}
		if h.Typeflag != tar.TypeReg || imaging.KindOfName(h.Name) == imaging.NoImage || listing.Litter(strings.TrimPrefix(h.Name, "./")) {
			continue
		}
		full := name + ": " + printable(h.Name)
		label := slices.Index(classes, path.Base(path.Dir(h.Name)))
		switch total += h.Size; {
		case label < 0:
			return nil, corrupt("%s: its folder is no class, have %s", full, strings.Join(classes, ", "))
		case h.Size > maxMember || total > maxFile || len(list) == maxMembers:
			return nil, corrupt("%s: %d bytes as member %d: too much for one archive of small images", full, h.Size, len(list))
		}
		data, err := readUpTo(t, h.Size)
		if err != nil || int64(len(data)) < h.Size {
			return nil, corrupt("%s: %s in it: download the archive again", full, tarFault(err))
		}
		list = append(list, picture{full, data, label})
	}
	if len(list) == 0 {
		return nil, corrupt("%s: no images in class folders inside: is it another archive?", name)
	}
	slices.SortStableFunc(list, func(a, b picture) int { return cmp.Compare(a.name, b.name) })
	last := list[:0] // of one name the last counts, as in package listing
	for i, m := range list {
		if i+1 == len(list) || list[i+1].name != m.name {
			last = append(last, m)
		}
	}
	return last, nil
}

func tarFault(err error) string {
	if errors.Is(err, tar.ErrHeader) {
		return "no valid tar header"
	}
	return cut(err)
}

// printable keeps a name from an archive on one line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}
