package featurizer

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/tensorfile"
	"github.com/assay-gan/assay/metrics"
)

// EDM2's reference statistics [karras2024]: a pickle of {num_images, fid: {mu, sigma}, fd_dinov2: {mu, sigma}}.

// IsPickle says whether a path, by its ending, is a pickle of statistics, or one part of it as FILE.pkl:fid.
func IsPickle(path string) bool {
	file, _ := ArrayName(path)
	return strings.EqualFold(filepath.Ext(file), ".pkl")
}

// maxStatsPickle bounds such a file: two covariances of a few thousand features.
const maxStatsPickle = 1 << 30

// pickleParts are the parts of such a file, and how each was made as far as the tool fixes it.
var pickleParts = []struct {
	name string
	made map[string]string
}{
	{"fid", map[string]string{"featurizer": "inception(edm2,2048)", "protocol": "edm2", "ddof": "1"}},
	{"fd_dinov2", map[string]string{"featurizer": "dinov2(vit-l-14,edm2)", "protocol": "none", "ddof": "1"}},
}

// readPickleStatistics reads one part by its name, or the first with the others beside it.
func readPickleStatistics(path string) (*Statistics, error) {
	file, name := ArrayName(path)
	data, err := inputfile.Read(file, maxStatsPickle)
	if err != nil {
		return nil, err
	}
	parts, err := parsePickleStatistics(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var names []string
	for i, p := range parts {
		names = append(names, p.Part)
		if p.Part == name || name == "" && i == 0 {
			s := p
			if name == "" {
				s.Others = parts[1:]
			}
			return s, nil
		}
	}
	return nil, fault.Of(ErrArray, "%s: no statistics %q, have %s", file, name, strings.Join(names, " "))
}

func parsePickleStatistics(data []byte) ([]*Statistics, error) {
	top, err := readPickle(data)
	if err != nil {
		return nil, asArray(err)
	}
	d, ok := top.(*pyDict)
	if !ok {
		return nil, fault.Of(ErrArray, "no dictionary of statistics: want {num_images, fid: {mu, sigma}, fd_dinov2: {mu, sigma}} as EDM2 writes it")
	}
	n, known := d.get("num_images").(int64)
	if !known || n < 2 || n > 1<<40 {
		return nil, fault.Of(ErrArray, "num_images is %v: want the number of images, as EDM2 writes it", d.get("num_images"))
	}
	var parts []*Statistics
	for _, p := range pickleParts {
		part, ok := d.get(p.name).(*pyDict)
		if !ok {
			continue
		}
		stats, err := pickleMoments(part)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		stats.N = int(n)
		parts = append(parts, &Statistics{Stats: stats, Made: p.made, Part: p.name})
	}
	if parts == nil {
		return nil, fault.Of(ErrArray, "neither fid nor fd_dinov2 in it: want {num_images, fid: {mu, sigma}, fd_dinov2: {mu, sigma}} as EDM2 writes it")
	}
	return parts, nil
}

func pickleMoments(d *pyDict) (metrics.Stats, error) {
	mu, ok1 := d.get("mu").(*pyArray)
	sigma, ok2 := d.get("sigma").(*pyArray)
	if !ok1 || !ok2 || len(mu.shape) != 1 || mu.shape[0] < 1 || !slices.Equal(sigma.shape, []int{mu.shape[0], mu.shape[0]}) {
		return metrics.Stats{}, fault.Of(ErrArray, "want arrays mu of D and sigma of D x D")
	}
	mean := (&tensorfile.Array{Shape: mu.shape, Type: mu.kind, Raw: mu.raw}).Float64s()
	for i, v := range mean {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return metrics.Stats{}, fault.Of(ErrArray, "mu[%d] is %v", i, v)
		}
	}
	cov, why := covariance(len(mean), (&tensorfile.Array{Shape: sigma.shape, Type: sigma.kind, Raw: sigma.raw}).Float64s())
	if why != "" {
		return metrics.Stats{}, fault.Of(ErrArray, "sigma is no covariance: %s", why)
	}
	return metrics.Stats{Mean: mean, Cov: cov}, nil
}
