package listing

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/inputfile"
)

// Folder lists a directory and, unless flat, those below it. A directory that is reached a second time on the way down (by a link to a parent) is not
// entered again. A broken link, or a file without permission, is a bad file if its name is that of an image.
func Folder(ctx context.Context, root string, o Options) (*List, error) {
	l := newList("folder", o)
	if err := l.walk(ctx, root, "", o, nil); err != nil {
		return nil, err
	}
	return l, l.finish(ctx, nil)
}

func (l *List) walk(ctx context.Context, root, rel string, o Options, above []os.FileInfo) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	dir := filepath.Join(root, filepath.FromSlash(rel))
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(above, func(a os.FileInfo) bool { return os.SameFile(a, info) }) {
		l.leave(rel, Loop)
		return nil
	}
	above = append(above[:len(above):len(above)], info)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(rel, e.Name())
		file := filepath.Join(dir, e.Name())
		target, err := os.Stat(file)
		switch {
		case err == nil && target.IsDir():
			if err := l.enter(ctx, root, name, o, above); err != nil {
				return err
			}
		default: // a pipe or a device is never opened: inputfile refuses it
			l.add(name, err, func() ([]byte, error) { return l.readFile(file) })
		}
	}
	return nil
}

// enter goes down into a folder, unless it is none to look into. What lies in such a folder is counted image by image, so that the note says how much.
func (l *List) enter(ctx context.Context, root, name string, o Options, above []os.FileInfo) error {
	if !o.Flat && !Litter(name) {
		return l.walk(ctx, root, name, o, above)
	}
	below := newList(l.Kind, o)
	o.Flat = false
	if err := below.count(root, name); err != nil {
		return err
	}
	for _, f := range below.Files {
		if Litter(f.Name) {
			l.leave(f.Name, Hidden)
		} else {
			l.leave(f.Name, Deeper)
		}
	}
	return nil
}

// count lists the images below a folder that is left out. Links are not followed: they may lead anywhere. A folder that cannot be read holds nothing we know of.
func (l *List) count(root, rel string) error {
	return filepath.WalkDir(filepath.Join(root, filepath.FromSlash(rel)), func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || imaging.KindOfName(p) == imaging.NoImage {
			return nil //nolint:nilerr // see above
		}
		if name, err := filepath.Rel(root, p); err == nil {
			l.Files = append(l.Files, File{Name: filepath.ToSlash(name)})
		}
		return nil
	})
}

func (l *List) readFile(file string) ([]byte, error) { return limited(inputfile.Read(file, l.most)) }
