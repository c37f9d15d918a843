package queue

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/assay-gan/assay/internal/inputfile"
)

// The environment variables that hold secrets: what stands on a command line is seen by every user of the machine.
const (
	TokenVar    = "ASSAY_QUEUE_TOKEN"
	UserVar     = "ASSAY_QUEUE_USER"
	PasswordVar = "ASSAY_QUEUE_PASSWORD"
)

// DefaultPort is where NATS listens.
const DefaultPort = "4222"

// defaultName is the queue of an address that names none.
const defaultName = "assay"

// Address says where a queue is, and how to get in.
type Address struct {
	Listen string // host:port where a server is to be started; "" where it runs elsewhere
	URL    string // of a server that runs elsewhere; "" where one is to be started
	Name   string // of the queue on its server: one study at a time

	token, user, password string
	creds, ca             string // files
}

// Secrets are the ways to prove who one is. Empty fields are not set.
type Secrets struct {
	CredsFile string // of NATS: a JWT and its key
	TokenFile string // a token in a file of its own
	CAFile    string // certificates of the authority that a server's is signed by, in PEM; "" for those that the system trusts
}

var queueName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// ParseAddress reads an address: HOST:PORT or :PORT where a server is to be started (on the loopback interface where no host is given), or the URL of one that
// runs, nats://HOST:PORT or tls://HOST:PORT, several with commas between, and /NAME behind for one of several queues. Tokens, user and password come from the
// environment or a file. Errors: an address that is none; a secret in the URL, where every user of the machine would see it; an address that other machines reach
// with nothing to keep strangers out.
func ParseAddress(text string, s Secrets) (Address, error) {
	a := Address{Name: defaultName, token: os.Getenv(TokenVar), user: os.Getenv(UserVar), password: os.Getenv(PasswordVar), creds: s.CredsFile, ca: s.CAFile}
	if err := a.readSecrets(s); err != nil {
		return Address{}, err
	}
	if strings.Contains(text, "://") {
		return a, a.parseURL(text)
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || port == "" {
		return Address{}, fmt.Errorf("queue %q: want :PORT or HOST:PORT to start a server, or nats://HOST:PORT of one that runs", text)
	}
	host = cmp.Or(host, "127.0.0.1")
	a.Listen = net.JoinHostPort(host, port)
	if !loopback(host) && a.token == "" && (a.user == "" || a.password == "") {
		return Address{}, fmt.Errorf("queue %s: other machines reach it, and nothing keeps strangers out: set %s, or %s and %s, here and for the workers", a.Listen, TokenVar, UserVar, PasswordVar)
	}
	return a, nil
}

// maxSecret bounds a file with a secret, in bytes.
const maxSecret = 64 << 10

func (a *Address) readSecrets(s Secrets) error {
	if s.TokenFile != "" {
		b, err := inputfile.Read(s.TokenFile, maxSecret)
		if err != nil {
			return fmt.Errorf("queue token: %w", err)
		}
		if a.token = strings.TrimSpace(string(b)); a.token == "" {
			return fmt.Errorf("queue token: %s is empty", s.TokenFile)
		}
	}
	for _, path := range []string{s.CredsFile, s.CAFile} {
		if path == "" {
			continue
		}
		if _, err := inputfile.Read(path, maxSecret); err != nil {
			return fmt.Errorf("queue credentials: %w", err)
		}
	}
	return nil
}

func (a *Address) parseURL(text string) error {
	var servers []string
	for part := range strings.SplitSeq(text, ",") {
		u, err := url.Parse(part)
		switch {
		case err != nil:
			return errors.New("queue: the address is no URL: want nats://HOST:PORT") // the error of Parse would print what may be a password
		case u.User != nil:
			return fmt.Errorf("queue %s://%s: a secret in an address is seen by every user of the machine: set %s, or %s and %s, or give a file of credentials", u.Scheme, u.Host, TokenVar, UserVar, PasswordVar)
		case u.Scheme != "nats" && u.Scheme != "tls":
			return fmt.Errorf("queue %s: want nats://HOST:PORT, or tls://HOST:PORT", part)
		case u.Hostname() == "":
			return fmt.Errorf("queue %s: no host is named: want %s://HOST:PORT", part, u.Scheme)
		}
		if name := strings.Trim(u.Path, "/"); name != "" {
			a.Name = name
		}
		servers = append(servers, u.Scheme+"://"+net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), DefaultPort)))
	}
	if !queueName.MatchString(a.Name) {
		return fmt.Errorf("queue name %.40q: want at most 32 of a-z, 0-9 and -", a.Name)
	}
	a.URL = strings.Join(servers, ",")
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// String is the address without secrets.
func (a Address) String() string {
	at := a.URL
	if a.Listen != "" {
		at = "nats://" + a.Listen
	}
	if a.Name != defaultName {
		at += "/" + a.Name
	}
	return at
}

// login is what a client proves itself with.
func (a Address) login() (o []nats.Option) {
	if a.ca != "" {
		o = append(o, nats.RootCAs(a.ca))
	}
	switch {
	case a.creds != "":
		o = append(o, nats.UserCredentials(a.creds))
	case a.token != "":
		o = append(o, nats.Token(a.token))
	case a.user != "":
		o = append(o, nats.UserInfo(a.user, a.password))
	}
	return o
}

// errNobody is wrapped by the error of a server that is not there.
var errNobody = errors.New("no server answers there")

// refusal puts the error of a connection into words with a remedy.
func (a Address) refusal(err error) error {
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), strings.Contains(strings.ToLower(err.Error()), "authorization violation"):
		return fmt.Errorf("queue %s: the server refuses these credentials: give those that it knows by %s, by %s and %s, or as a file", a, TokenVar, UserVar, PasswordVar)
	case errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrTimeout), errors.Is(err, io.EOF), errors.As(err, new(*net.OpError)):
		return fmt.Errorf("queue %s: %w: start one (bench with a queue of its own, or nats-server with JetStream), or mend the address", a, errNobody)
	}
	return fmt.Errorf("queue %s: %w", a, err)
}
