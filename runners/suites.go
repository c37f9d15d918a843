package runners

import "embed"

//go:embed suites/*.yaml
var suiteFiles embed.FS

var suites = shelf{suiteFiles, "suites", "suite"}

// Suites lists the names of the embedded suites.
func Suites() []string { return suites.names() }

// OpenSuite reads an embedded suite by its name, or a suite file by its path (anything with a slash or the ending .yaml or .yml).
func OpenSuite(name string) (*Config, error) {
	if isPath(name) {
		return ReadConfig(name)
	}
	text, err := suites.text(name)
	if err != nil {
		return nil, err
	}
	return ParseConfig(name+".yaml", text)
}
