package imaging

import (
	"slices"

	"github.com/assay-gan/assay/internal/fault"
)

// ArrayShape is {H, W, C} of the images in an array: N x H x W x C with 1 or 3 channels, or N x H x W grey ones. Its error wraps ErrShape, and names
// the remedy in NumPy's words. The shape is that of an array of rank 3 or 4. What looks like another order of axes, or like one image without its first axis, is refused rather than
// taken for many grey ones.
func ArrayShape(shape []int) ([]int, error) {
	of := slices.Clone(shape[1:])
	few := func(n int) bool { return n == 1 || n == 3 || n == 4 }
	switch {
	case len(of) == 2 && few(of[1]):
		return nil, fault.Of(ErrShape, "array of shape %v: one image of H x W x C? want N x H x W x C: save arr[None]", shape)
	case len(of) == 2 && few(shape[0]):
		return nil, fault.Of(ErrShape, "array of shape %v: one image of C x H x W, or %d grey ones? want N x H x W x C: save arr.transpose(1, 2, 0)[None], or arr[..., None]", shape, shape[0])
	case len(of) == 2:
		of = append(of, 1)
	case len(of) == 3 && (of[2] == 1 || of[2] == 3):
	case len(of) == 3 && (of[0] == 1 || of[0] == 3):
		return nil, fault.Of(ErrShape, "array of shape %v: it looks like N x C x H x W: save arr.transpose(0, 2, 3, 1)", shape)
	case len(of) == 3 && of[2] == 4:
		return nil, fault.Of(ErrShape, "array of shape %v: four channels, alpha last? save arr[..., :3]", shape)
	default:
		return nil, fault.Of(ErrShape, "array of shape %v: want N x D features, or N x H x W x C images with 1 or 3 channels", shape)
	}
	return of, nil
}
