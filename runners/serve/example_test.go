package serve_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners/serve"
)

func Example() {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	w, err := reports.OpenWriter(filepath.Join(dir, reports.RecordsFile))
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()
	ctx, stop := context.WithCancel(context.Background())
	s, err := serve.New(ctx, dir, serve.Options{})
	if err != nil {
		log.Fatal(err)
	}
	l, loopback, err := serve.Listen(":0")
	if err != nil {
		log.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()
	resp, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode, resp.Header.Get("Content-Type"), "this machine alone:", loopback)
	stop()
	fmt.Println("ended:", <-ended)
	// Output:
	// 200 text/html; charset=utf-8 this machine alone: true
	// ended: <nil>
}
