package zoo

import "github.com/assay-gan/assay/datasets"

// found are the settings that score best on validation data at equal cost, by model and kind of data; docs/zoo/results/defaults.csv has the search.
var found = map[string]map[datasets.Kind]string{}
