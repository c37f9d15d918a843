package runners

import (
	"context"
	"fmt"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
)

// OpenSplit is the training or test split of a data set of images as a side: DATASET-train or DATASET-test, such as cifar10-train, with the set's own files, all
// of them and in their order, from dataDir ("" means the default folder). ok is false where the name is not of that form or there is no such data set. It errors where
// the set holds no images or its files cannot be read.
func OpenSplit(ctx context.Context, kit Kit, name, dataDir string) (side *Side, ok bool, err error) {
	id, train := strings.CutSuffix(name, "-train")
	if !train {
		var test bool
		if id, test = strings.CutSuffix(name, "-test"); !test {
			return nil, false, nil
		}
	}
	d, err := kit.Dataset(id)
	if err != nil || id == "folder" { // whose parts are nobody's but ours
		return nil, false, nil //nolint:nilerr // the name is that of a path
	}
	if d.Info().Kind != datasets.Images {
		return nil, true, fmt.Errorf("%s: data set %s holds no images: give a file of samples (assay data writes them)", name, id)
	}
	set, err := d.Load(ctx, datasets.Options{Dir: dataDir, Seed: 1})
	if err != nil {
		return nil, true, err
	}
	samples := set.Train
	if !train {
		samples = set.Test
	}
	a := &featurizer.Array{Shape: append([]int{samples.Len()}, samples.Shape...), Type: "u1", Raw: make([]byte, 0, len(samples.Data))}
	for _, v := range samples.Data {
		a.Raw = append(a.Raw, imaging.Quantise(v))
	}
	images, err := source.OfArray(name, a)
	if err != nil {
		return nil, true, err
	}
	images.Kind = "data set"
	if samples.Labels != nil {
		images.Classes = set.Info.Classes
		for i := range images.Items {
			images.Items[i].Label = samples.Labels[i]
		}
	}
	return &Side{Path: name, Source: images, Warnings: set.Warnings}, true, nil
}
