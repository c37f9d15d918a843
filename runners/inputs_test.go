package runners

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// Classes from a text file, one a line; what is none is named by its line.
func TestReadLabelsOfText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "labels.txt")
	for text, want := range map[string]string{"3\n0\r\n12\n": "[3 0 12]", "3": "[3]", "1\nx\n": "line 2 is", "1\n\n2\n": "line 2 is", "-1\n": "line 1 is", "1.5\n": "line 1 is", "": "line 1 is"} {
		saveText(t, path, text)
		got, err := ReadLabels(path)
		if told := fmt.Sprint(got, err); !strings.Contains(told, want) {
			t.Errorf("%q: %s, want %q", text, told, want)
		}
	}
}
