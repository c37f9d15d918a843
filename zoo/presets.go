package zoo

import (
	"maps"
	"slices"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/suggest"
)

// The presets: settings under a name.
const (
	PresetDefault = "default" // nothing but the defaults, which a search found where the model has searched ones
	PresetPaper   = "paper"   // what the model's paper trains with, or its relatives where it does not say, on networks of this zoo's sizes
)

// Presets are the names that Preset knows.
func Presets() []string { return []string{PresetDefault, PresetPaper} }

// PaperFor is the value of the preset "paper" on a kind of data. It is also the value that the setting had before searched defaults came: recorded results
// and checkpoints that do not name the setting mean this one.
func (p Setting) PaperFor(kind datasets.Kind) string {
	if v, ok := p.Paper[kind]; ok {
		return v
	}
	return p.DefaultFor(kind)
}

// Preset gives the settings of a preset that are not the defaults of the model on the kind of data; "" is the preset "default". An unknown name is an error
// that lists the known ones.
func Preset(info Info, kind datasets.Kind, name string) (map[string]string, error) {
	settings := map[string]string{}
	switch name {
	case "", PresetDefault:
	case PresetPaper:
		for _, p := range info.Settings {
			if v, ok := p.Paper[kind]; ok {
				settings[p.Name] = v
			}
		}
	default:
		return nil, suggest.Unknown("preset", name, Presets())
	}
	return settings, nil
}

// searched puts the settings that a search found in the place of a model's defaults; those that were there become the preset "paper".
func searched(info Info) Info {
	for kind, line := range found[info.ID] {
		for word := range strings.FieldsSeq(line) {
			name, value, _ := strings.Cut(word, "=")
			i := slices.IndexFunc(info.Settings, func(p Setting) bool { return p.Name == name })
			p := &info.Settings[i]
			if was, err := p.check(p.DefaultFor(kind)); err == nil && value == was {
				continue
			}
			p.Paper, p.ByKind = maps.Clone(p.Paper), maps.Clone(p.ByKind)
			if p.Paper == nil {
				p.Paper = map[datasets.Kind]string{}
			}
			if p.ByKind == nil {
				p.ByKind = map[datasets.Kind]string{}
			}
			if _, again := p.Paper[kind]; !again { // a line's last word on a setting counts, the first default is the paper's
				p.Paper[kind] = p.DefaultFor(kind)
			}
			p.ByKind[kind] = value
			if was, err := p.check(p.Paper[kind]); err == nil && value == was {
				delete(p.Paper, kind)
			}
		}
	}
	return info
}
