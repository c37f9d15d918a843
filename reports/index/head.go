package index

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/seal"
	"github.com/assay-gan/assay/reports"
)

// head is what the index knows of the run as a whole, and from what it was made. It is one row, so that progress costs one read.
type head struct {
	Version  int         `json:"version"`
	Records  stamp       `json:"records"`
	Plan     stamp       `json:"plan"`
	Lines    int         `json:"lines"`
	Rows     bool        `json:"rows"` // every cell that was counted has a row
	Measures []Measure   `json:"measures"`
	Planned  []Planned   `json:"planned"`
	Groups   []Group     `json:"groups"`
	Damaged  []string    `json:"damaged,omitempty"`
	Run      Description `json:"run"`
}

// stamp tells one state of a file from another.
type stamp struct {
	Size  int64  `json:"size"`
	Time  int64  `json:"time"` // of the last change, in nanoseconds
	Inode uint64 `json:"inode"`
	Tail  uint32 `json:"tail"` // checksum of the last bytes that were read
}

// Measure is a kind of value.
type Measure struct {
	reports.Measure
	Better string `json:"better,omitempty"`
	Unit   string `json:"unit,omitempty"`
}

// Description is what run.json says of the run.
type Description struct {
	Suite   string `json:"suite"`
	Plan    string `json:"plan"` // hash
	Version string `json:"version"`
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
}

// Planned is how many cells of a phase, model and data set the plan holds.
type Planned struct {
	Phase   string `json:"phase,omitempty"`
	Model   string `json:"model"`
	Dataset string `json:"dataset"`
	Cells   int    `json:"cells"`
}

// Group is the finished cells of a phase, model and data set that ended in one way.
type Group struct {
	Phase       string        `json:"phase,omitempty"`
	Model       string        `json:"model"`
	Dataset     string        `json:"dataset"`
	Failed      bool          `json:"failed,omitempty"`
	Cause       reports.Cause `json:"cause,omitempty"`
	Error       string        `json:"error,omitempty"` // of one of them
	Cells       int           `json:"cells"`
	WallSeconds float64       `json:"wall_s"`
	CPUSeconds  float64       `json:"cpu_s"`
	DSteps      int           `json:"d_steps"`
	GSteps      int           `json:"g_steps"`
}

func (h *head) text() (string, error) {
	b, err := json.Marshal(h)
	return string(seal.Add(b)), err
}

func (h *head) parse(text string) error {
	body, sealed, err := seal.Open([]byte(text))
	if err == nil && sealed {
		err = json.Unmarshal(body, h)
	}
	if err != nil || !sealed || h.Version != version {
		return fmt.Errorf("%w: its head is of version %d, checksum %v, %w", errStale, h.Version, sealed, err)
	}
	return nil
}

// group finds or makes the group that a cell belongs to.
func (h *head) group(like Group) *Group {
	for i := range h.Groups {
		if g := &h.Groups[i]; g.Phase == like.Phase && g.Model == like.Model && g.Dataset == like.Dataset && g.Failed == like.Failed && g.Cause == like.Cause {
			return g
		}
	}
	h.Groups = append(h.Groups, like)
	return &h.Groups[len(h.Groups)-1]
}

// measureID numbers a kind of value.
func (h *head) measureID(m Measure) int {
	if i := slices.Index(h.Measures, m); i >= 0 {
		return i
	}
	h.Measures = append(h.Measures, m)
	return len(h.Measures) - 1
}

// sort puts what the head lists into one order, whatever order cells ended in.
func (h *head) sort() {
	slices.SortFunc(h.Groups, func(a, b Group) int {
		return cmp.Or(strings.Compare(a.Phase, b.Phase), strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Model, b.Model), strings.Compare(string(a.Cause), string(b.Cause)), cmp.Compare(a.Cells, b.Cells))
	})
}

// The states of a value in a list.
var statuses = []string{reports.OK, reports.Degenerate, reports.Unreliable, reports.Failed}

// appendValue adds a value to a list: the number of its measure, its state, and its bits.
func appendValue(list []byte, id int, status string, v float64) []byte {
	list = binary.AppendUvarint(list, uint64(id))
	list = append(list, byte(slices.Index(statuses, status)))
	return binary.LittleEndian.AppendUint64(list, math.Float64bits(v))
}

// eachValue calls see for every value of a list; false where the list is none.
func eachValue(list []byte, see func(id int, status string, v float64) bool) bool {
	for len(list) > 0 {
		id, n := binary.Uvarint(list)
		if n <= 0 || len(list) < n+9 || int(list[n]) >= len(statuses) || id > math.MaxInt32 {
			return false
		}
		if !see(int(id), statuses[list[n]], math.Float64frombits(binary.LittleEndian.Uint64(list[n+1:]))) {
			return false
		}
		list = list[n+9:]
	}
	return true
}

var table = crc32.MakeTable(crc32.Castagnoli)

// rowSum is the checksum of a row: its texts, each with its length, and its numbers.
type rowSum struct {
	sum uint32
	buf [8]byte
}

func (s *rowSum) number(v uint64) *rowSum {
	binary.LittleEndian.PutUint64(s.buf[:], v)
	s.sum = crc32.Update(s.sum, table, s.buf[:])
	return s
}

func (s *rowSum) text(t string) *rowSum {
	s.number(uint64(len(t)))
	s.sum = crc32.Update(s.sum, table, []byte(t))
	return s
}
