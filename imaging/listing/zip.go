package listing

import (
	"context"
	"io/fs"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
)

// Zip lists a zip archive, which stays open until Close.
func Zip(ctx context.Context, file string, o Options) (*List, error) {
	l := newList("zip", o)
	z, err := inputfile.OpenZip(file)
	if err != nil {
		return nil, fault.Of(ErrPlace, "%s: zip archive: truncated or corrupt: %w", file, err)
	}
	l.close = append(l.close, z.Close)
	m := newMembers(l)
	for _, f := range z.File {
		e := member{name: f.Name, dir: f.FileInfo().IsDir(), read: func() ([]byte, error) {
			return limited(z.Member(f, l.most))
		}}
		if f.Mode()&fs.ModeSymlink != 0 {
			to, err := z.Member(f, 4096)
			if err != nil {
				return l.closing(ctx, nil, fault.Of(ErrPlace, "%s: zip archive: truncated or corrupt: %w", file, err))
			}
			e.link = linkTarget(f.Name, string(to))
		}
		m.put(e)
	}
	m.files()
	return l.closing(ctx, nil, nil)
}
