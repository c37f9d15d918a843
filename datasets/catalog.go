package datasets

import (
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/suggest"
)

// All is every data set of this package. A new one is a file, its test, and one line here; datasettest checks it from then on.
func All() []Dataset {
	return []Dataset{
		Ring{},
		Grid{},
		Moons{},
		SwissRoll{},
		Spirals{},
		Checkerboard{},
		Polygons{},
		Glyphs{},
		MNIST{},
		StackedMNIST{},
		CIFAR10{},
		Folder{},
		Pokemon{},
		RingRotated(),
		RingShifted(),
		GlyphsInverted(),
		GlyphsOutlined(),
		MNISTInverted(),
		Branches{},
		Edges{},
		RingPlaces(),
		GlyphsStyles(),
		OracleSet{},
		Verses{},
		Text{},
	}
}

// Lookup finds a data set by its id. The error lists the ids there are and the nearest one.
func Lookup(id string) (Dataset, error) {
	all := All()
	ids := make([]string, len(all))
	for i, d := range all {
		if ids[i] = d.Info().ID; ids[i] == id {
			return d, nil
		}
	}
	return nil, fault.Of(ErrUnknown, "%w", suggest.Unknown("data set", id, ids))
}
