package fault_test

import (
	"errors"
	"io"
	"testing"

	"github.com/assay-gan/assay/internal/fault"
)

// TestOf: the sentinel is found and not said; what is wrapped is found and said.
func TestOf(t *testing.T) {
	kind := errors.New("no place")
	err := fault.Of(kind, "a.zip: %w", io.ErrUnexpectedEOF)
	if err.Error() != "a.zip: unexpected EOF" {
		t.Errorf("text %q", err)
	}
	if !errors.Is(err, kind) || !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		t.Errorf("%v is not what it was made of", err)
	}
}
