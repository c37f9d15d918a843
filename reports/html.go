package reports

import "io"

// HTML writes the page.
func HTML(w io.Writer, run *Run, o Options) error { return nil }
