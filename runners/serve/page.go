package serve

import (
	"bytes"
	"net/http"
	"regexp"

	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// The final report is served while it is not larger than this; beyond it the live page stays, with its tables.
const (
	mostReport = 3 << 20 // bytes
	mostCells  = 4000
)

// page answers with the live page, or with the report when nothing is left to come.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if r.URL.Query().Get("live") == "" {
		if text, policy := s.report(r); text != nil {
			w.Header().Set("Content-Security-Policy", policy)
			_, _ = w.Write(text) // who has gone needs no answer
			return
		}
	}
	asset(w, "live.html", "text/html; charset=utf-8")
}

// report is the report of a finished run with its policy; nil while something is left to come, and where it would be too large.
func (s *Server) report(r *http.Request) (text []byte, policy string) {
	status, err := runners.ReadStatus(r.Context(), s.dir)
	if err != nil || status.State != runners.Finished || status.Cells > mostCells || status.Ended == 0 {
		return nil, ""
	}
	run, err := reports.LoadForReport(s.dir)
	if err != nil {
		return nil, ""
	}
	rep, err := reports.New(run, reports.Options{})
	if err != nil {
		return nil, ""
	}
	var b bytes.Buffer
	if err := reports.HTML(&b, rep); err != nil || b.Len() > mostReport {
		return nil, ""
	}
	return b.Bytes(), "frame-ancestors 'none'" // the page brings a stricter one of its own, with the hashes of its scripts
}

var cellName = regexp.MustCompile(`^[0-9a-zA-Z-]{1,64}$`)

// maxSheet bounds a picture, in bytes.
const maxSheet = 16 << 20

// samples answers with the contact sheet of a cell.
func (s *Server) samples(w http.ResponseWriter, r *http.Request) {
	cell := r.PathValue("cell")
	if !cellName.MatchString(cell) {
		http.NotFound(w, r)
		return
	}
	b, err := inputfile.Read(reports.SamplesPath(s.dir, cell), maxSheet)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(b) // who has gone needs no answer
}
