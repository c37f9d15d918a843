package command

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// peerFlags are words of other tools' command lines, with which people arrive: they are taken where they can mean but one thing here, and what they were
// taken for is said. They are hidden from the help, so that there is one word for each thing in it.
type peerFlags struct {
	first, second      string // of torch-fidelity, which measures its first input by its second
	dims               string // of pytorch-fid
	batch              int
	fid, isc, kid, prc bool
	json, silent       bool
	gpu, device        string
	cuda, cpu          bool
	workers            int
	said               []string
	command            *cobra.Command
}

// peerMetrics are the flags that stand for metrics.
var peerMetrics = []struct{ flag, metrics string }{{"fid", "fd"}, {"isc", "is"}, {"kid", "kid"}, {"prc", "precision,recall"}}

// flags adds the words. An underscore is as good as a dash.
func (p *peerFlags) flags(c *cobra.Command) {
	p.command = c
	fl := c.Flags()
	before := map[string]bool{}
	fl.VisitAll(func(f *pflag.Flag) { before[f.Name] = true })
	fl.StringVar(&p.first, "input1", "", "as --fake: `path`")
	fl.StringVar(&p.second, "input2", "", "as --real: `path`")
	fl.StringVar(&p.dims, "dims", "", "as --layer: `number`")
	wholeFlag(fl, &p.batch, "batch-size", "", 0, span{lo: 1, hi: 65536, zero: "--batch"}, "as --batch: `images`")
	fl.BoolVar(&p.fid, "fid", false, "as --metrics fd")
	fl.BoolVar(&p.isc, "isc", false, "as --metrics is")
	fl.BoolVar(&p.kid, "kid", false, "as --metrics kid")
	fl.BoolVar(&p.prc, "prc", false, "as --metrics precision,recall")
	fl.BoolVar(&p.json, "json", false, "as --format json")
	fl.BoolVar(&p.silent, "silent", false, "as --quiet")
	fl.StringVar(&p.gpu, "gpu", "", "nothing: there is no `device` to choose")
	fl.StringVar(&p.device, "device", "", "nothing: there is no `device` to choose")
	fl.BoolVar(&p.cuda, "cuda", false, "nothing: there is no device to choose")
	fl.BoolVar(&p.cpu, "cpu", false, "nothing: the processor computes")
	wholeFlag(fl, &p.workers, "num-workers", "", 0, span{}, "nothing: see --threads; `number`")
	fl.VisitAll(func(f *pflag.Flag) { f.Hidden = f.Hidden || !before[f.Name] })
	fl.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		return pflag.NormalizedName(strings.ReplaceAll(name, "_", "-"))
	})
	check := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		if err := p.take(args); err != nil {
			return err
		}
		if check != nil {
			return check(c, args)
		}
		return nil
	}
}

// take sets the flags that the words mean.
func (p *peerFlags) take(args []string) error {
	for i, role := range []string{"real", "fake"} {
		if i < len(args) {
			if err := p.set("the path "+args[i], role, args[i]); err != nil {
				return err
			}
		}
	}
	given := p.command.Flags().Changed
	for _, w := range []struct{ word, flag, value string }{
		{"input1", "fake", p.first}, {"input2", "real", p.second}, {"dims", "layer", p.dims}, {"batch-size", "batch", strconv.Itoa(p.batch)},
	} {
		if given(w.word) {
			if err := p.set("--"+w.word, w.flag, w.value); err != nil {
				return err
			}
		}
	}
	for _, b := range []struct {
		on                bool
		word, flag, value string
	}{{p.json, "json", "format", "json"}, {p.silent, "silent", "quiet", "true"}} {
		if b.on {
			if err := p.set("--"+b.word, b.flag, b.value); err != nil {
				return err
			}
		}
	}
	return p.takeMetrics()
}

// takeMetrics adds the metrics to those of --metrics. Who asks for FID without a word on the network means torch-fidelity, whose flags these are; its precision
// and recall are those of another network.
func (p *peerFlags) takeMetrics() error {
	var all []string
	for i, on := range []bool{p.fid, p.isc, p.kid, p.prc} {
		if on {
			all = append(all, peerMetrics[i].metrics)
		}
	}
	if len(all) == 0 {
		return nil
	}
	given := p.command.Flags().Changed
	if !given("featurizer") && !given("protocol") && !given("layer") {
		flag, value := "protocol", "torch-fidelity"
		if p.prc {
			if len(all) > 1 {
				return usagef("--prc is of VGG16's features in torch-fidelity, the others are of Inception's: score it apart, by --prc --featurizer vgg16")
			}
			flag, value = "featurizer", "vgg16"
		}
		if err := p.set("--"+flag, flag, value); err != nil {
			return err
		}
	}
	value := strings.Join(all, ",")
	p.said = append(p.said, "--metrics "+value)
	return p.command.Flags().Set("metrics", value)
}

// set gives a flag the value of another word, unless it has one: of two values nobody knows which is meant.
func (p *peerFlags) set(word, flag, value string) error {
	fl := p.command.Flags()
	if fl.Changed(flag) {
		return usagef("%s means --%s, which is given already: give --%s alone", word, flag, flag)
	}
	if err := fl.Set(flag, value); err != nil {
		return usagef("%s %s: it means --%s, which wants another value (see %s --help)", word, value, flag, p.command.CommandPath())
	}
	said := "--" + flag
	if value != "true" {
		said += " " + value
	}
	p.said = append(p.said, said)
	return nil
}

// text is what the words were taken for, "" where there were none.
func (p *peerFlags) text() string {
	var lines []string
	if len(p.said) > 0 {
		lines = append(lines, "read as "+strings.Join(p.said, " "))
	}
	var idle []string
	for _, w := range []string{"gpu", "device", "cuda", "cpu", "num-workers"} {
		if p.command.Flags().Changed(w) {
			idle = append(idle, "--"+w)
		}
	}
	if len(idle) > 0 {
		lines = append(lines, fmt.Sprintf("%s changes nothing: assay computes on the processor, with --threads N of its cores", strings.Join(idle, ", ")))
	}
	return strings.Join(lines, "; ")
}
