package zoo

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/machine"
	"github.com/assay-gan/assay/nn"
)

// Size is what a session would take.
type Size struct {
	Bytes  float64        // of memory, beside the data and the samples: weights, gradients, moments, averages, and what a pass keeps
	Params map[string]int // trained weights of each network, as Session.ParamCount
}

// ErrUnmeasured is wrapped by the error of Measure for a model that cannot be put together without memory: its Build reads or writes nodes' values, see
// Builder.Measuring.
var ErrUnmeasured = errors.New("cannot be measured before it is built")

// Measure returns what New would take, in milliseconds and without taking it: the model is put together on a graph whose nodes have shapes alone. Other errors are
// those of New.
func Measure(m Model, c Config) (size Size, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("model %s %w: %v", m.Info().ID, ErrUnmeasured, p)
		}
	}()
	graph := nn.NewMeasure()
	s, err := newOn(graph, m, c)
	if err != nil {
		return Size{}, err
	}
	return Size{Bytes: graph.Bytes() + s.build.extra, Params: s.ParamCount()}, nil
}

// Sizing is the part of settings that Measure can depend on: whole numbers and words, but for the number of steps and for settings of drawing alone, and of other
// numbers whether they are 0 or 1, which may leave a term, an average or a product out. What equal constants save, a few nodes, is not told apart.
func Sizing(info Info, settings map[string]string) map[string]string {
	part := map[string]string{}
	for name, value := range settings {
		i := slices.IndexFunc(info.Settings, func(s Setting) bool { return s.Name == name })
		if i < 0 {
			part[name] = value
		} else if size, decides := info.Settings[i].sizing(value); decides {
			part[name] = size
		}
	}
	return part
}

// SizingKey is a text that settings share where Sizing is the same.
func SizingKey(info Info, settings map[string]string) string {
	var b strings.Builder
	known := 0
	for i := range info.Settings {
		s := &info.Settings[i]
		value, there := settings[s.Name]
		if !there {
			continue
		}
		known++
		if size, decides := s.sizing(value); decides {
			b.WriteString(s.Name)
			b.WriteByte('=')
			b.WriteString(size)
			b.WriteByte('\n')
		}
	}
	if known < len(settings) { // some are no settings of the model
		return fmt.Sprint(Sizing(info, settings))
	}
	return b.String()
}

// sizing is what a value of the setting says about sizes, and whether it says anything.
func (p *Setting) sizing(value string) (size string, decides bool) {
	switch {
	case p.Drawing || p.Name == "steps":
		return "", false
	case p.Integer || p.Choices != nil:
		return value, true
	}
	if v, err := strconv.ParseFloat(value, 64); err != nil || v == 0 || v == 1 {
		return value, true
	}
	return "another", true
}

// Measuring says that the model is only put together to learn its size: nodes have no memory, nn.Data is nil for all of them, and what Build would read from the data
// or compute beside the graph it can leave out.
func (b *Builder) Measuring() bool { return b.graph.Measuring() }

// takes notes memory that a model takes beside the graph, and says whether to take it: true means that it is only measured.
func (b *Builder) takes(bytes float64) (onlyMeasured bool) {
	b.extra += bytes
	return b.Measuring()
}

// Affordable errors where the machine cannot hold what New would make beside so many other bytes: with the figure, and with the values of single settings that it
// could hold, each of them tried. A model that cannot be measured passes, and so does one that New refuses for another reason.
func Affordable(m Model, c Config, beside float64) error {
	size, err := Measure(m, c)
	if err != nil {
		return nil //nolint:nilerr // New says it
	}
	const enough = 64 << 20 // bytes; below that the machine is not asked
	if size.Bytes+beside < enough {
		return nil
	}
	short := machine.Holds(size.Bytes + beside)
	if short == nil {
		return nil
	}
	info := m.Info()
	settings, err := Resolve(info, kindOf(c.Set), c.Settings)
	if err != nil {
		return err
	}
	var main, rest []Setting
	for _, s := range info.Settings {
		switch {
		case slices.Contains([]string{"width", "depth", "batch"}, s.Name):
			main = append(main, s)
		case s.Integer && !s.Drawing && s.Name != "steps":
			rest = append(rest, s)
		}
	}
	as := make([]string, len(main))
	for i, s := range main {
		as[i] = s.Name + " " + settings[s.Name]
	}
	smaller := fitting(m, c, settings, main, beside)
	if len(smaller) == 0 {
		smaller = fitting(m, c, settings, rest, beside)
	}
	advice := "lower several settings, no single one is enough"
	if len(smaller) > 0 {
		advice = strings.Join(smaller, " or ") + " would fit"
	}
	return fmt.Errorf("model %s on %s: with %s it %w; %s", info.ID, c.Set.Info.ID, strings.Join(as, ", "), short, advice)
}

// fitting tries halves, quarters and so on of each setting alone and names the largest that the machine can hold.
func fitting(m Model, c Config, settings Settings, of []Setting, beside float64) (found []string) {
	for _, s := range of {
		tried := maps.Clone(settings)
		for v := settings.Int(s.Name) / 2; v >= max(1, int(s.Lo)); v /= 2 {
			tried[s.Name] = strconv.Itoa(v)
			size, err := Measure(m, Config{Set: c.Set, Settings: tried})
			if err != nil {
				break
			}
			if machine.Holds(size.Bytes+beside) == nil {
				found = append(found, fmt.Sprintf("%s %d", s.Name, v))
				break
			}
		}
	}
	return found
}
