package datasets

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// loadArray reads the images of an npy or npz array: the only one, or arr_0.
func (f *folderWork) loadArray(ctx context.Context, info Info, o Options) (*Set, error) {
	a, err := tensorfile.ReadFile(f.path)
	if err != nil {
		return nil, corrupt("%s: %v", f.id, err)
	}
	if len(a.Shape) < 3 {
		return nil, corrupt("%s: %s: array of shape %v: want N x H x W or N x H x W x C images", f.id, f.path, a.Shape)
	}
	shape, err := imaging.ArrayShape(a.Shape)
	if err != nil {
		return nil, corrupt("%s: %s: %v", f.id, f.path, err)
	}
	pix, ok := a.Bytes()
	if !ok || len(pix) == 0 {
		return nil, corrupt("%s: %s: array of shape %v and type %s: want images of bytes 0..255 (save ((x + 1) * 127.5 + 0.5).clip(0, 255).astype(\"uint8\"))", f.id, f.path, a.Shape, a.Type)
	}
	size := shape[0] * shape[1] * shape[2]
	rows, err := f.arrayRows(ctx, pix, a.Shape[0], size, shape)
	if err != nil {
		return nil, err
	}
	set, err := shareOut(info, o, rows)
	if err != nil {
		return nil, err
	}
	for _, k := range rows.keys {
		f.content.Add(k)
	}
	set.Files = &Files{Path: f.path, Kind: strings.TrimPrefix(strings.ToLower(filepath.Ext(f.path)), "."), N: f.content.N(), Content: f.content.Hash()}
	return set, nil
}

// arrayRows brings n images of an array to the wanted size.
func (f *folderWork) arrayRows(ctx context.Context, pix []byte, n, size int, shape []int) (*raw, error) {
	rows := &raw{}
	for i := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := imaging.FromPix(shape[0], shape[1], shape[2], pix[i*size:(i+1)*size])
		if err != nil {
			return nil, err
		}
		rows.keys = append(rows.keys, m.Key())
		if m, err = toShape(m, f.size, f.channels); err != nil {
			return nil, corrupt("%s: %s, image %d: %v", f.id, f.path, i, err)
		}
		if rows.shape == nil {
			rows.shape = []int{m.H, m.W, m.C}
			if err := fits(f.id, n, rows.shape); err != nil {
				return nil, err
			}
		}
		rows.pix = append(rows.pix, m.Pix...)
	}
	return rows, nil
}
