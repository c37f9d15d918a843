package vendorjs

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
)

//go:embed *.js.gz LICENSE.*
var files embed.FS

// Script is one program.
type Script struct {
	Name    string
	Version string
	Packed  []byte // gzip
	Source  []byte
	Licence string
}

// Scripts returns the programs in the order they must run.
func Scripts() ([]Script, error) {
	out := []Script{{Name: "vega", Version: "6.4.0"}, {Name: "vega-lite", Version: "6.5.0"}, {Name: "vega-embed", Version: "7.3.0"}, {Name: "vega-interpreter", Version: "2.3.2"}}
	for i := range out {
		s := &out[i]
		var err error
		if s.Packed, err = files.ReadFile(s.Name + ".js.gz"); err != nil {
			return nil, err
		}
		licence, err := files.ReadFile("LICENSE." + s.Name)
		if err != nil {
			return nil, err
		}
		s.Licence = string(licence)
		z, err := gzip.NewReader(bytes.NewReader(s.Packed))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		if s.Source, err = io.ReadAll(z); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return out, nil
}
