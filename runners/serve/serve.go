package serve

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/assay-gan/assay/reports/index"
)

//go:embed page/live.html page/live.css page/live.js
var files embed.FS

// Server shows one run. It is safe for concurrent use.
type Server struct {
	dir   string
	watch *watcher
	hosts bool // only names of this machine are answered to
}

// Options of a server.
type Options struct {
	Every time.Duration // the least pause between two looks at the folder; 0 means a second
	Any   bool          // answer to whatever name the server is called by; without it only to names of this machine, so that no other page can reach it by a name of its own
}

// New makes a server of a run folder. The error is that of index.Open.
func New(ctx context.Context, dir string, o Options) (*Server, error) {
	x, err := index.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	if o.Every <= 0 {
		o.Every = time.Second
	}
	return &Server{dir: dir, watch: newWatcher(dir, o.Every), hosts: !o.Any}, x.Close()
}

// Listen opens a port. An address without a host is one of this machine alone.
func Listen(addr string) (l net.Listener, loopback bool, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, false, fmt.Errorf("address %q: want HOST:PORT, such as 127.0.0.1:8080, or :0 for a free port", addr)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	l, err = net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, false, fmt.Errorf("address %s: %w; choose another port, or 0 for a free one", addr, cause(err))
	}
	at, err := netip.ParseAddrPort(l.Addr().String())
	return l, err == nil && at.Addr().IsLoopback(), nil
}

// cause is an error of the network without the address, which is said already.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// Serve answers until the context ends, and then lets go of the listener. Pages that are open are told to wait.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	looking, stop := context.WithCancel(ctx)
	defer stop()
	h := &http.Server{Handler: s.Handler(looking), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 1 << 16}
	done := make(chan error, 1)
	go func() { done <- h.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := h.Shutdown(grace); err != nil {
		return errors.Join(h.Close())
	}
	return nil
}

// policy admits what comes from this server and nothing else: no script or style within the page, no other host.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler answers requests; events end with the context.
func (s *Server) Handler(ctx context.Context) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	for _, f := range []struct{ name, kind string }{{"live.css", "text/css; charset=utf-8"}, {"live.js", "text/javascript; charset=utf-8"}} {
		mux.HandleFunc("GET /"+f.name, func(w http.ResponseWriter, _ *http.Request) { asset(w, f.name, f.kind) })
	}
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) { s.events(ctx, w, r) })
	mux.HandleFunc("GET /samples/{cell}", s.samples)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.hosts && !ownName(r.Host) {
			http.Error(w, "this page is for the machine it runs on", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// ownName says whether a request calls the server by a name of this machine: a page elsewhere may let its own name lead here.
func ownName(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.Trim(name, "[]")
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback()
}

func asset(w http.ResponseWriter, name, kind string) {
	b, err := files.ReadFile("page/" + name)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(b) // who has gone needs no answer
}
