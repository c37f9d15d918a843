package serve

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/assay-gan/assay/reports/index"
	"github.com/assay-gan/assay/runners"
)

// watcher looks at the folder for all pages at once, and only while one is open.
type watcher struct {
	dir   string
	every time.Duration

	mu      sync.Mutex
	pages   map[chan struct{}]bool // poked when something is new
	parts   map[string]part        // the latest of each
	looking bool

	scored time.Time     // when scores were last made
	took   time.Duration // and how long that took
	ended  int           // of how many cells they are
}

// part is a part of the page: its content and how often it has changed.
type part struct {
	text []byte
	sum  [32]byte
	n    int
}

func newWatcher(dir string, every time.Duration) *watcher {
	return &watcher{dir: dir, every: every, pages: map[chan struct{}]bool{}, parts: map[string]part{}}
}

// join adds a page; it is poked at every change. leave takes it away.
func (w *watcher) join(ctx context.Context) (poke chan struct{}, leave func()) {
	poke = make(chan struct{}, 1)
	poke <- struct{}{}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[poke] = true
	if !w.looking {
		w.looking = true
		go w.look(ctx)
	}
	return poke, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.pages, poke)
	}
}

// look looks at the folder again and again until no page is left. A look that takes long is followed by a pause as long.
func (w *watcher) look(ctx context.Context) {
	for {
		began := time.Now()
		w.once(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(max(w.every, time.Since(began))):
		}
		w.mu.Lock()
		if len(w.pages) == 0 || ctx.Err() != nil {
			w.looking = false
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
	}
}

// once looks at the folder. Whatever cannot be read just now is told and read the next time: the run may be at its beginning, or be killed.
func (w *watcher) once(ctx context.Context) {
	x, err := index.Open(ctx, w.dir)
	if err != nil {
		w.put("trouble", err.Error())
		return
	}
	defer x.Close()
	status, err := runners.StatusOf(ctx, w.dir, x)
	if err != nil {
		w.put("trouble", err.Error())
		return
	}
	w.put("trouble", "")
	w.put("work", workOf(w.dir, status))
	status.Working = nil // it has a part of its own, which changes all the time
	w.put("status", status)
	if status.Ended == w.ended || time.Since(w.scored) < 20*w.took {
		return // reading every value again takes no more than a twentieth of the time
	}
	began := time.Now()
	values, err := scoresOf(ctx, x)
	if err != nil {
		w.put("trouble", err.Error())
		return
	}
	w.put("scores", values)
	newest, err := newestOf(ctx, w.dir, x)
	if err != nil {
		w.put("trouble", err.Error())
		return
	}
	w.put("newest", newest)
	w.ended, w.scored, w.took = status.Ended, time.Now(), time.Since(began)
}

// put makes a part anew and pokes the pages if it changed.
func (w *watcher) put(name string, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		text = fmt.Appendf(nil, "%q", err.Error())
	}
	sum := sha256.Sum256(text)
	w.mu.Lock()
	defer w.mu.Unlock()
	old := w.parts[name]
	if old.n > 0 && old.sum == sum {
		return
	}
	w.parts[name] = part{text, sum, old.n + 1}
	for poke := range w.pages {
		select {
		case poke <- struct{}{}:
		default: // it has not taken up the last one: it will see this one too
		}
	}
}

// since returns the parts that changed since those that were seen, and marks them as seen.
func (w *watcher) since(seen map[string]int) (names []string, texts [][]byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, p := range w.parts {
		if p.n != seen[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		texts = append(texts, w.parts[name].text)
		seen[name] = w.parts[name].n
	}
	return names, texts
}

// How long a page may take to read what it is sent, and how often a silent connection is kept alive.
const (
	patience = 10 * time.Second
	alive    = 15 * time.Second
)

// events sends the parts of the page as they change, until the page or the server closes.
func (s *Server) events(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	poke, leave := s.watch.join(ctx)
	defer leave()
	seen := map[string]int{}
	send := func(format string, a ...any) bool {
		_ = out.SetWriteDeadline(time.Now().Add(patience)) // a recorder of a test has none
		_, err := fmt.Fprintf(w, format, a...)
		return err == nil && out.Flush() == nil
	}
	if !send("retry: 1000\n\n") {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.Context().Done():
			return
		case <-time.After(alive):
			if !send(": still here\n\n") {
				return
			}
		case <-poke:
			names, texts := s.watch.since(seen)
			for i, name := range names {
				if !send("event: %s\ndata: %s\n\n", name, texts[i]) {
					return
				}
			}
		}
	}
}
