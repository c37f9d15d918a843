package command

import (
	"io"
	"testing"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/threads"
)

// TestThreads: every command takes --threads; without it all cores work.
func TestThreads(t *testing.T) {
	defer threads.Set(0)
	threads.Set(0)
	all := threads.Count()
	for _, tt := range []struct {
		args []string
		want int
	}{{[]string{"probe"}, all}, {[]string{"probe", "--threads", "3"}, 3}, {[]string{"--threads", "1", "probe"}, 1}} {
		a := &app{out: io.Discard, err: io.Discard, kit: runners.DefaultKit()}
		root := a.root()
		got := 0
		root.AddCommand(&cobra.Command{Use: "probe", Run: func(*cobra.Command, []string) { got = threads.Count() }})
		root.SetArgs(tt.args)
		if err := root.Execute(); err != nil || got != tt.want {
			t.Errorf("%v: %d threads, want %d (%v)", tt.args, got, tt.want, err)
		}
		threads.Set(0)
	}
	if code := Run(t.Context(), io.Discard, io.Discard, []string{"list", "models", "--threads", "-1"}); code != exitUsage {
		t.Errorf("--threads -1: status %d", code)
	}
	if code := Run(t.Context(), io.Discard, io.Discard, []string{"list", "models", "--threads", "7"}); code != exitOK || threads.Count() != all {
		t.Errorf("status %d, and %d threads afterwards", code, threads.Count())
	}
}
