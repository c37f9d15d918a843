package command

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/assay-gan/assay/runners"
)

func TestProgramOfOnesOwnHasItsVersionAndSources(t *testing.T) {
	kit := runners.DefaultKit()
	kit.Version = "own-1.2.3"
	kit.Bibliography = "@misc{Nobody:2026,\n  author = {Nobody, N.},\n  title = {On nothing},\n  year = {2026}\n}\n"
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"version", "own-1.2.3", exitOK},
		{"cite Nobody:2026", "Nobody:2026: Nobody, N.: On nothing, 2026", exitOK},
		{"cite heusel2017", "Two Time-Scale", exitOK},
		{"cite Nobody:2027", `did you mean "Nobody:2026"`, exitUsage},
	} {
		var out bytes.Buffer
		code := RunKit(context.Background(), &out, &out, strings.Fields(c.args), kit)
		if code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("assay %s: exit %d, %s; want exit %d, %s", c.args, code, &out, c.code, c.want)
		}
	}
	kit.Bibliography += kit.Bibliography
	var out bytes.Buffer
	if code := RunKit(context.Background(), &out, &out, []string{"cite"}, kit); code != exitUsage || !strings.Contains(out.String(), "Nobody:2026 is taken") {
		t.Errorf("a label given twice: exit %d, %s", code, &out)
	}
}
