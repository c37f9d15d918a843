package source

// Bad is an image that could not be used.
type Bad struct {
	Name  string `json:"name"`
	Error string `json:"error"`
}

// Report says what became of a source's images.
type Report struct {
	Kind     string         `json:"kind"`
	Images   int            `json:"images"`            // rows made
	Content  string         `json:"content,omitempty"` // imaging.Content's hash of the images that rows were made of
	Bad      []Bad          `json:"bad,omitempty"`     // skipped, by name
	Warnings map[string]int `json:"warnings,omitempty"`
	Names    []string       `json:"-"` // of the rows
	Grey     int            `json:"-"` // images of one channel among them
}
