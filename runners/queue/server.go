package queue

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const (
	maxPayload = 8 << 20          // bytes a message may have at the server that we start
	startTime  = 10 * time.Second // within which it must answer
)

// embedded is a server inside this process, with its store in the run folder.
type embedded struct {
	*server.Server
	store string // folder
	at    string // host:port that was chosen
}

// free says why nothing can listen at an address.
func free(listen string) error {
	l, err := net.Listen("tcp", listen)
	if err == nil {
		return l.Close()
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("queue %s: the port is in use: take another, or reach the server that has it by nats://%s", listen, listen)
	}
	return fmt.Errorf("queue %s: nothing can listen there: %w", listen, err)
}

// serve starts a server at an address. It listens nowhere else, writes no log and catches no signal.
func serve(a Address, listen, store string) (*embedded, error) {
	if err := free(listen); err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("queue %s: %q is no port", listen, port)
	}
	if n == 0 {
		n = server.RANDOM_PORT
	}
	o := &server.Options{
		ServerName: "assay", Host: host, Port: n, NoLog: true, NoSigs: true, MaxPayload: maxPayload, JetStream: true, StoreDir: store,
		Authorization: a.token, DisableJetStreamBanner: true,
	}
	if a.token == "" {
		o.Username, o.Password = a.user, a.password
	}
	s, err := server.NewServer(o)
	if err != nil {
		return nil, fmt.Errorf("queue %s: %w", listen, err)
	}
	s.Start()
	if !s.ReadyForConnections(startTime) {
		s.Shutdown()
		return nil, fmt.Errorf("queue %s: the server does not start within %v: is %s writable, and has the disk room?", listen, startTime, store)
	}
	return &embedded{s, store, net.JoinHostPort(host, strconv.Itoa(s.Addr().(*net.TCPAddr).Port))}, nil
}

// near is where this machine reaches the server.
func (e *embedded) near() string {
	host, port, err := net.SplitHostPort(e.at)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return e.at
}

// far is how other machines may reach the server.
func (e *embedded) far() string {
	host, port, err := net.SplitHostPort(e.at)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		if name, err := os.Hostname(); err == nil {
			return net.JoinHostPort(name, port)
		}
	}
	return e.at
}

// stop ends the server.
func (e *embedded) stop() {
	e.Shutdown()
	e.WaitForShutdown()
}

// robbed says whether somebody removed the store from under the server.
func (e *embedded) robbed() bool {
	_, err := os.Stat(filepath.Join(e.store, "jetstream"))
	return errors.Is(err, os.ErrNotExist)
}

// connect opens a connection that comes back by itself when it is lost.
func connect(a Address, name string, more ...nats.Option) (*nats.Conn, error) {
	o := append(a.login(), nats.Name(name), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.ReconnectJitter(reconnectWait/2, reconnectWait/2), nats.Timeout(5*time.Second))
	nc, err := nats.Connect(a.URL, append(o, more...)...)
	if err != nil {
		return nil, a.refusal(err)
	}
	return nc, nil
}

const reconnectWait = 500 * time.Millisecond
