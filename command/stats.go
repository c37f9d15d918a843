package command

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/runners"
)

func (a *app) stats() *cobra.Command {
	c := &cobra.Command{
		Use:   "stats make|merge|show",
		Short: "Reference statistics: make, merge from shards, look into",
		Long: `Stats makes the mean and covariance of a set's features once, so that score can compare with
them ever after. The files are npz archives with mu and sigma that pytorch-fid and clean-fid read
and write too; ours also say what they were made from, so that score refuses to compare what does
not compare. Under the protocol adm they also hold mu_s and sigma_s, as that evaluator wants them.`,
		Example: `  assay stats make train/ --protocol pytorch-fid --out train.npz
  assay stats make train/ --protocol pytorch-fid --shard 2/4 --out train-2.npz
  assay stats merge train-*.npz --out train.npz
  assay stats show train.npz`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return usage(suggest.Unknown("command", args[0], []string{"make", "merge", "show"}))
		},
	}
	c.AddCommand(a.statsMake(), a.statsMerge(), a.statsShow())
	return c
}

func (a *app) statsMake() *cobra.Command {
	var f inputFlags
	var out, shard, format string
	c := &cobra.Command{
		Use:   "make PATH --out FILE",
		Short: "Statistics of a set, or of one shard of it",
		Long: `Make featurizes a set and writes mean and covariance. Memory does not grow with the set.

` + inputsHelp + `

--shard i/n does one part of the work, for several machines; merge joins the parts to exactly
what one pass would have written.`,
		Example: `  assay stats make train/ --protocol pytorch-fid --out train.npz
  assay stats make train.tar --protocol clean-fid --shard 1/4 --out part-1.npz
  assay stats make features.npy --featurizer none --out features-stats.npz`,
		Args: takes(1, 1, "one path"),
	}
	c.Flags().StringVar(&out, "out", "", "`file` to write, ending in .npz")
	c.Flags().StringVar(&shard, "shard", "", "make shard `i/n` only")
	f.featurizerFlags(c)
	f.readFlags(c)
	formatFlag(c, &format, "table", "json")
	c.RunE = func(c *cobra.Command, args []string) error {
		if !strings.HasSuffix(out, ".npz") {
			return usagef("--out %q: want a file ending in .npz", out)
		}
		i, n, err := shardOf(shard)
		if err != nil {
			return err
		}
		if err := a.checkInputs(&f); err != nil {
			return err
		}
		if f.protocol == "adm" && f.layer == "" {
			f.layer = featurizer.BothLayers // that evaluator reads sFID's layer from the same file
		}
		spec, err := a.spec(c, &f)
		if err != nil {
			return err
		}
		return a.makeStats(c, &f, args[0], spec, out, format, i, n)
	}
	return c
}

// shardOf reads i/n; 1 of 1 for nothing.
func shardOf(s string) (i, n int, err error) {
	if s == "" {
		return 1, 1, nil
	}
	a, b, ok := strings.Cut(s, "/")
	i, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	if !ok || err1 != nil || err2 != nil || i < 1 || i > n {
		return 0, 0, usagef("--shard %q: want i/n with i from 1 to n, such as 2/4", s)
	}
	return i, n, nil
}

func (a *app) makeStats(c *cobra.Command, f *inputFlags, path, spec, out, format string, i, n int) error {
	f.inBlocks = true
	side, err := a.side(c.Context(), f, path)
	if err != nil {
		return err
	}
	if err := a.needsSpace(c, f, side); err != nil {
		return err
	}
	show := newMeterLine(a.screen, f.quiet)
	part, err := runners.MakePart(c.Context(), a.kit, side, spec, f.env(), f.feeding(show), i, n)
	show.close()
	if c.Context().Err() != nil {
		return f.interrupted()
	}
	if err != nil {
		return err
	}
	a.warn(side)
	if n > 1 {
		if err := part.Save(out); err != nil {
			return err
		}
		return a.saidStats(format, out, fmt.Sprintf("shard %s, %d of %d samples", part.Shard, part.Moments.N(), part.Rows), part.Moments.N(), part.Moments.Dim(), part.Made, side)
	}
	s, err := part.Statistics()
	if err != nil {
		return err
	}
	if err := s.Save(out); err != nil {
		return err
	}
	return a.saidStats(format, out, fmt.Sprintf("%d samples", s.N), s.N, len(s.Mean), s.Made, side)
}

func (a *app) saidStats(format, out, what string, n, d int, made map[string]string, side *runners.Side) error {
	if format == "json" {
		v := map[string]any{"path": out, "n": n, "features": d, "made": made}
		if side != nil {
			v["input"] = reportInput(side)
		}
		return a.json(v)
	}
	_, err := fmt.Fprintf(a.out, "%s: %s, %d features, %s\n", out, what, d, made["featurizer"])
	return err
}

func (a *app) statsMerge() *cobra.Command {
	var out, format string
	var force bool
	c := &cobra.Command{
		Use:   "merge SHARD... --out FILE",
		Short: "Join the shards of one set",
		Long: `Merge joins the shards of one set, in any order, to exactly the statistics of one pass. Shards
made in different ways are refused, and missing ones are named.`,
		Example: "  assay stats merge part-1.npz part-2.npz part-3.npz --out train.npz",
		Args:    takes(1, math.MaxInt, "shards"),
	}
	c.Flags().StringVar(&out, "out", "", "`file` to write, ending in .npz")
	c.Flags().BoolVar(&force, "force", false, "merge shards made in different ways all the same")
	formatFlag(c, &format, "table", "json")
	c.RunE = func(_ *cobra.Command, args []string) error {
		if !strings.HasSuffix(out, ".npz") {
			return usagef("--out %q: want a file ending in .npz", out)
		}
		var all *runners.Part
		for _, path := range args {
			p, err := runners.OpenPart(path)
			if err != nil {
				return err
			}
			if all == nil {
				all = p
				continue
			}
			if err := all.Merge(p, force); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		s, err := all.Statistics()
		if err != nil {
			return err
		}
		if err := s.Save(out); err != nil {
			return err
		}
		return a.saidStats(format, out, fmt.Sprintf("%d samples of %d shards", s.N, len(args)), s.N, len(s.Mean), s.Made, nil)
	}
	return c
}

// statsLine is what show prints of a file.
type statsLine struct {
	Path     string            `json:"path"`
	N        int               `json:"n"` // 0 where the file does not say
	Features int               `json:"features"`
	Mean     float64           `json:"mean,omitempty"`  // of the means
	Trace    float64           `json:"trace,omitempty"` // of the covariance
	Spatial  int               `json:"spatial_features,omitempty"`
	Part     string            `json:"part,omitempty"`   // of a file that holds several statistics
	Others   map[string]int    `json:"others,omitempty"` // features of the others, by name
	Shard    string            `json:"shard,omitempty"`
	Made     map[string]string `json:"made"`
}

func (a *app) statsShow() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:     "show FILE",
		Short:   "What a file of statistics holds and what it was made from",
		Long:    "Show reads statistics of any tool (npz with mu and sigma) or a shard, checks them and says what is in them.",
		Example: "  assay stats show train.npz\n  assay stats show fid_stats_cifar10_train.npz --format json",
		Args:    takes(1, 1, "one file"),
	}
	a.tableFlags(c, &format)
	c.RunE = func(_ *cobra.Command, args []string) error {
		line, err := readStats(args[0])
		if err != nil {
			return err
		}
		n := "not stated"
		if line.N > 0 {
			n = fmt.Sprint(line.N)
		}
		rows := [][]string{{"samples", n}, {"features", fmt.Sprint(line.Features)}}
		if line.Shard != "" {
			rows = append(rows, []string{"shard", line.Shard})
		} else {
			rows = append(rows, []string{"mean of the means", strconv.FormatFloat(line.Mean, 'g', 8, 64)}, []string{"trace of the covariance", strconv.FormatFloat(line.Trace, 'g', 8, 64)})
		}
		if line.Spatial > 0 {
			rows = append(rows, []string{"spatial features", fmt.Sprint(line.Spatial)})
		}
		if line.Part != "" {
			rows = append(rows, []string{"part", line.Part})
		}
		for _, name := range slices.Sorted(maps.Keys(line.Others)) {
			rows = append(rows, []string{"also in it", fmt.Sprintf("%s, %d features: %s:%[1]s", name, line.Others[name], line.Path)})
		}
		for _, k := range slices.Sorted(maps.Keys(line.Made)) {
			rows = append(rows, []string{k, line.Made[k]})
		}
		t := table("stats", line.Path, []string{"", ""}, rows)
		if len(line.Made) == 0 {
			t.Notes = append(t.Notes, "made by another tool: how is not recorded")
		}
		return a.show(format, t, line)
	}
	return c
}

func readStats(path string) (statsLine, error) {
	file, _ := featurizer.ArrayName(path)
	if _, err := inputfile.Stat(file); err != nil {
		return statsLine{}, err
	}
	if p, err := runners.OpenPart(path); err == nil { // pickles are none
		return statsLine{Path: path, N: p.Moments.N(), Features: p.Moments.Dim(), Shard: p.Shard, Made: p.Made}, nil
	}
	s, err := featurizer.ReadStatistics(path)
	if err != nil {
		return statsLine{}, err
	}
	line := statsLine{Path: path, N: s.N, Features: len(s.Mean), Made: s.Made, Part: s.Part}
	for _, o := range s.Others {
		if line.Others == nil {
			line.Others = map[string]int{}
		}
		line.Others[o.Part] = len(o.Mean)
	}
	for i, v := range s.Mean {
		line.Mean += v / float64(len(s.Mean))
		line.Trace += s.Cov.At(i, i)
	}
	if s.Spatial != nil {
		line.Spatial = len(s.Spatial.Mean)
	}
	return line, nil
}
