package queue_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/runners/queue"
)

func TestParseAddress(t *testing.T) {
	for _, name := range []string{queue.TokenVar, queue.UserVar, queue.PasswordVar} {
		t.Setenv(name, "")
	}
	for _, row := range []struct{ text, want, err string }{
		{":4222", "nats://127.0.0.1:4222", ""},
		{"localhost:1", "nats://localhost:1", ""},
		{"[::1]:4222", "nats://[::1]:4222", ""},
		{"0.0.0.0:4222", "", "nothing keeps strangers out"},
		{"10.1.2.3:4222", "", "nothing keeps strangers out"},
		{"4222", "", "want :PORT"},
		{"", "", "want :PORT"},
		{"host:", "", "want :PORT"},
		{"nats://a", "nats://a:4222", ""},
		{"nats://a:1,nats://b:2", "nats://a:1,nats://b:2", ""},
		{"tls://a/mine", "tls://a:4222/mine", ""},
		{"nats://a/../b", "", "queue name"},
		{"nats://a/UPPER", "", "queue name"},
		{"http://a", "", "want nats://"},
		{"nats://", "", "no host"},
		{"nats://u:secret@a", "", "seen by every user"},
		{"nats://u:secret@a:%zz", "", "no URL"},
	} {
		a, err := queue.ParseAddress(row.text, queue.Secrets{})
		if row.err == "" && (err != nil || a.String() != row.want) || row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)) {
			t.Errorf("%q: %v, %v, want %q %q", row.text, a, err, row.want, row.err)
		}
		if err != nil && (strings.Contains(err.Error(), "secret@") || strings.Contains(err.Error(), "u:secret") || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q: %v", row.text, err)
		}
	}
	t.Setenv(queue.TokenVar, "s3cr3t")
	a, err := queue.ParseAddress("0.0.0.0:4222", queue.Secrets{})
	if err != nil || a.Listen != "0.0.0.0:4222" || strings.Contains(a.String(), "s3cr3t") {
		t.Errorf("with a token: %v %v", a, err)
	}
	empty := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range []queue.Secrets{{TokenFile: empty}, {TokenFile: empty + "2"}, {CredsFile: empty + "2"}, {CAFile: empty + "2"}} {
		if _, err := queue.ParseAddress(":1", s); err == nil || !strings.Contains(err.Error(), empty) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}
