package command

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// groups are the commands by what they are for, as help lists them.
var groups = []struct{ id, title, commands string }{
	{"score", "Score samples of any generator:", "score modes stats explain prepare audit"},
	{"train", "Train models and draw from them:", "init bench train sample complete latent worker"},
	{"study", "Study, compare and gate runs:", "report compare gate history status serve export"},
	{"look", "Look up, set up:", "list cite data fetch doctor selftest man version help completion"},
}

// grouped sorts the commands of help.
func grouped(root *cobra.Command) {
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, c := range root.Commands() {
			if slices.Contains(strings.Fields(g.commands), c.Name()) {
				c.GroupID = g.id
			}
		}
	}
	root.SetHelpCommandGroupID("look")
	root.SetCompletionCommandGroupID("look")
}

// environment is the table of the help topic of that name. A test holds it to the code.
const environment = `ASSAY_DATA            folder of data sets that live in files, for --data
ASSAY_CACHE           folder of kept features and weights, or off (default: the
                      user's cache folder)
ASSAY_ALLOW_EXEC      1 lets suites run programs of whoever wrote them, as
                      --allow-exec does
ASSAY_CPU             kernel set, instead of the best the processor has: avx512,
                      avx2, neon, generic
ASSAY_EXEC_SILENCE    how long a featurizer's program may say nothing, e.g. 30m
ASSAY_QUEUE_TOKEN     who may come in to a queue: a token,
ASSAY_QUEUE_USER      or a user
ASSAY_QUEUE_PASSWORD  and a password
COLUMNS               width of tables where the output is no terminal
NO_COLOR              no colours, whatever it holds (https://no-color.org)
TERM                  dumb: no colours
GOMEMLIMIT, GOGC      of the Go runtime: where they are set, assay leaves its
                      memory to them`

func environmentHelp() *cobra.Command {
	return &cobra.Command{Use: "environment", Short: "The variables of the environment that are read",
		Long: "Flags go before these variables:\n\n" + environment}
}

// completed gives the flags of all commands that take names their names.
func (a *app) completed(root *cobra.Command) {
	var metrics, models, sets, featurizers, protocols []string
	for _, m := range a.kit.Metrics {
		metrics = append(metrics, m.Info().ID+"\t"+m.Info().Title)
	}
	for _, m := range a.kit.Models {
		models = append(models, m.Info().ID+"\t"+m.Info().Title)
	}
	for _, d := range a.kit.Datasets {
		sets = append(sets, d.Info().ID+"\t"+d.Info().Title)
	}
	for _, f := range a.kit.Featurizers {
		featurizers = append(featurizers, f.Usage+"\t"+f.Title)
	}
	_, all := protocolTable()
	for _, p := range all {
		protocols = append(protocols, p.Name+"\t"+p.Title)
	}
	values := map[string][]string{"metrics": append(metrics, "all\tevery metric that can be computed"), "models": models, "model": models, "dataset": sets, "featurizer": featurizers,
		"protocol": protocols, "fail-on": failWords, "on-error": {"fail", "skip"}, "color": colourWords}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for flag, names := range values {
			if c.Flags().Lookup(flag) != nil || c.PersistentFlags().Lookup(flag) != nil {
				_ = c.RegisterFlagCompletionFunc(flag, listOf(names)) // fails for a flag that is not there alone
			}
		}
		switch c.Name() {
		case "bench", "worker":
			c.ValidArgsFunction = cobra.FixedCompletions(runners.Suites(), cobra.ShellCompDirectiveDefault) // or a file of one's own
		case "report", "status", "serve", "gate", "compare", "export", "history":
			c.ValidArgsFunction = runFolders
		case "train":
			c.ValidArgsFunction = cobra.FixedCompletions(models, cobra.ShellCompDirectiveNoFileComp)
		case "list":
			c.ValidArgs, c.ValidArgsFunction = nil, func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
				kinds := map[string][]string{"models": models, "datasets": sets, "metrics": metrics, "suites": runners.Suites()}
				if len(args) == 0 {
					return listKinds, cobra.ShellCompDirectiveNoFileComp
				}
				return kinds[args[0]], cobra.ShellCompDirectiveNoFileComp
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// runFolders completes the folders of runs: those in runs, and those where the word that was begun stands. Without one it is left to the shell, for files of
// records and for folders on the way to a run.
func runFolders(_ *cobra.Command, given []string, begun string) (out []string, _ cobra.ShellCompDirective) {
	at, _ := filepath.Split(begun)
	for _, dir := range slices.Compact([]string{at, "runs/"}) {
		entries, err := os.ReadDir(cmp.Or(dir, "."))
		if err != nil {
			continue // nothing to offer
		}
		for _, e := range entries {
			run := dir + e.Name()
			if _, err := os.Stat(filepath.Join(run, reports.RecordsFile)); err == nil && strings.HasPrefix(run, begun) && !slices.Contains(given, run) && !strings.ContainsFunc(run, unicode.IsControl) {
				out = append(out, run)
			}
		}
	}
	return out, cobra.ShellCompDirectiveDefault
}

// listOf completes the last of several names with commas between them.
func listOf(names []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		before := begun[:strings.LastIndexByte(begun, ',')+1]
		out := make([]string, len(names))
		for i, n := range names {
			out[i] = before + n
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// alias is the metric that a name stands for which people type: the name of one of its values, such as precision. Other names come
// back as they are.
func (a *app) alias(id string) string {
	if _, err := a.kit.Metric(id); err == nil || id == "all" {
		return id
	}
	for _, m := range a.kit.Metrics {
		if slices.Contains(m.Info().Values, id) {
			return m.Info().ID
		}
	}
	return id
}
