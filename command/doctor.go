package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/runners"
)

// finding is one line of the doctor's table.
type finding struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	OK    bool   `json:"ok"`
	Hint  string `json:"hint,omitempty"`
}

func (a *app) doctor() *cobra.Command {
	var format, data string
	var bench bool
	c := &cobra.Command{
		Use:     "doctor",
		Short:   "What this machine offers: processor, kernels, speed, data, memory",
		Long:    "Doctor looks at what speed and results depend on, measures a matrix product, and says what is missing and how to get it.",
		Example: "  assay doctor\n  assay doctor --data ../data --format json\n  assay doctor --bench                           each kernel's share of this machine's peak",
		Args:    takes(0, 0, "no arguments"),
	}
	dataFlag(c, &data)
	c.Flags().BoolVar(&bench, "bench", false, "measure each kernel on one core (about two seconds): rate, share of the peak, the route that it takes, and the caches that decide how products are cut")
	a.tableFlags(c, &format)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if bench {
			return a.kernels(format)
		}
		all := append(a.machine(), a.speed()...)
		all = append(all, a.dataFound(c.Context(), dataDir(data))...)
		all = append(all, a.surroundings()...)
		var rows [][]string
		for _, f := range all {
			mark := "ok"
			if !f.OK {
				mark = "-"
			}
			rows = append(rows, []string{f.Name, mark, f.Value, f.Hint})
		}
		return a.show(format, table("doctor", "Doctor", []string{"what", "", "found", "remedy"}, rows), all)
	}
	return c
}

func (a *app) machine() []finding {
	o := runners.Origin(a.ownVersion())
	var simd []string
	for _, f := range []cpuid.FeatureID{cpuid.AVX2, cpuid.FMA3, cpuid.AVX512F, cpuid.AVX512DQ, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.AVX512BF16, cpuid.AMXBF16, cpuid.ASIMD} {
		if cpuid.CPU.Supports(f) {
			simd = append(simd, f.String())
		}
	}
	list := []finding{
		{"assay", o.Version + " (" + o.Build + "), " + o.Go + ", " + o.OS, true, ""},
		{"processor", fmt.Sprintf("%s, %d cores", o.CPU, o.Cores), true, ""},
		{"vector units", strings.Join(simd, " "), true, ""},
		{"kernels", fmt.Sprintf("%s (have %s)", kernel.Name(), strings.Join(kernel.Sets(), ", ")), kernel.Name() != "generic", ""},
	}
	if kernel.Name() == "generic" {
		list[3].Hint = "portable kernels are several times slower; unset ASSAY_CPU, or use a processor with AVX2 or AVX-512"
	}
	if err := kernel.Err(); err != nil {
		list[3].OK, list[3].Hint = false, err.Error()
	}
	return list
}

// speed measures a matrix product on one core against the most the core can do.
func (a *app) speed() []finding {
	r := kernel.Measure()
	value := fmt.Sprintf("%.0f %s on one core", r.Rate, r.Unit)
	if r.Share > 0 {
		value += fmt.Sprintf(", %.0f %% of its peak of %.0f", 100*r.Share, kernel.Peak())
	}
	return []finding{{"matrix product", value, true, ""}}
}

// kernels shows what each kernel makes of this machine.
func (a *app) kernels(format string) error {
	rates := kernel.MeasureKernels()
	var rows [][]string
	for _, r := range rates {
		share := ""
		if r.Share > 0 {
			share = fmt.Sprintf("%.0f %%", 100*r.Share)
		}
		rows = append(rows, []string{r.Name, r.Work, r.Route, fmt.Sprintf("%.3g %s", r.Rate, r.Unit), share})
	}
	t := table("kernels", "Kernels "+kernel.Name()+", one core where no other number stands", []string{"kernel", "work", "route", "rate", "of the peak"}, rows)
	t.Notes = append(t.Notes, fmt.Sprintf("the peak is %.0f GFLOP/s of multiply-adds in registers; shares above 100 %% save multiplications (Toom-Cook), or met a faster clock than the peak did", kernel.Peak()),
		fmt.Sprintf("caches of a core: %s; matrix products are cut by them, which changes no bit", caches()),
		"routes of convolutions follow from sizes and the kernel set alone: one set gives the same bits on every machine")
	if kernel.Name() == "neon" {
		t.Notes = append(t.Notes, "the neon set is tested under an emulator; nobody has measured its rate on Apple's processors yet")
	}
	return a.show(format, t, rates)
}

// caches says what the kernels know of this machine's caches.
func caches() string {
	c := kernel.CacheSizes()
	text := fmt.Sprintf("%d KiB, %d KiB", c.L1>>10, c.L2>>10)
	if c.L3 > 0 {
		text += fmt.Sprintf(", and %d MiB that others may share", c.L3>>20)
	}
	return text
}

// dataFound tries to load every data set that lives in files.
func (a *app) dataFound(ctx context.Context, dir string) []finding {
	if dir == "" {
		return []finding{{"data files", "no folder named", false, "name one by --data or ASSAY_DATA; ring, grid, polygons and glyphs need none"}}
	}
	list := []finding{}
	for _, d := range a.kit.Datasets {
		info := d.Info()
		if info.Files == "" || info.ID == "folder" {
			continue
		}
		set, err := d.Load(ctx, datasets.Options{Dir: dir, Seed: 1})
		if err != nil {
			list = append(list, finding{"data " + info.ID, "not found in " + dir, false, quote.Line(err.Error())})
			continue
		}
		list = append(list, finding{"data " + info.ID, fmt.Sprintf("%d train, %d test, %s", set.Train.Len(), set.Test.Len(), shape(set.Train.Shape)), true, ""})
	}
	return list
}

func (a *app) surroundings() []finding {
	list := []finding{memory()}
	cache, err := featurizer.Env{}.CachePath()
	remedy := ""
	if errors.Is(err, featurizer.ErrNoCache) {
		cache, err = "off, by ASSAY_CACHE: features and weights are not kept", nil
	}
	if err != nil {
		remedy = "name a folder by ASSAY_CACHE"
	}
	list = append(list, finding{"cache", cache, err == nil, remedy})
	if w, ok := terminal(a.screen); ok {
		list = append(list, finding{"terminal", fmt.Sprintf("%d columns", w), true, ""})
	} else {
		list = append(list, finding{"terminal", "none: progress is printed as lines", true, ""})
	}
	return list
}

// memory reads what the system says is free.
func memory() finding {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return finding{"memory", "unknown on this system", true, ""}
	}
	kb := map[string]float64{}
	for _, line := range strings.Split(string(b), "\n") {
		var name string
		var v float64
		if n, _ := fmt.Sscan(line, &name, &v); n == 2 {
			kb[strings.TrimSuffix(name, ":")] = v
		}
	}
	f := finding{"memory", fmt.Sprintf("%.1f of %.1f GiB free", kb["MemAvailable"]/(1<<20), kb["MemTotal"]/(1<<20)), kb["MemAvailable"] > 2<<20, ""}
	if !f.OK {
		f.Hint = "the default suite needs about 2 GiB: run fewer cells at a time by --workers 1"
	}
	return f
}
