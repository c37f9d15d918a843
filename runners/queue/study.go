package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/assay-gan/assay/runners"
)

// study is one study at a queue: the names of what it has there.
//
//	stream  ASSAY_NAME_CELLS     assay.NAME.cell.NEED.HASH  a cell to be carried out, as runners.Cell.Pack has it; gone when its result is safe
//	stream  ASSAY_NAME_RESULTS   assay.NAME.result.HASH     what a cell left, until the coordinator has it on its disk
//	objects ASSAY_NAME           HASH                       the model of a cell, in training or as it ended
//	                             HASH.result                a result that is too large for a message
//	        assay.NAME.beat.HASH                            a worker is at it; kept nowhere
//	        assay.NAME.word                                 what a worker has to say to people
//	        assay.NAME.who                                  asks who coordinates
//	        assay.NAME.news                                 the consumers have changed: look
//	        assay.NAME.end                                  the study is finished
type study struct {
	name string
	js   jetstream.JetStream
	nc   *nats.Conn
}

func (s study) cells() string   { return "ASSAY_" + s.name + "_CELLS" }
func (s study) results() string { return "ASSAY_" + s.name + "_RESULTS" }
func (s study) bucket() string  { return "ASSAY_" + s.name }
func (s study) subject(parts ...string) string {
	return "assay." + s.name + "." + strings.Join(parts, ".")
}

// What the stream of the cells says of its study, in its metadata.
const (
	suiteKey   = "assay-suite"
	planKey    = "assay-plan"
	buildKey   = "assay-build"
	kernelKey  = "assay-kernel"
	versionKey = "assay-version"
	needKey    = "assay-need"
)

// Headers of a cell's message.
const (
	triesHeader = "Assay-Tries" // how often it was given back because of a machine's fault
	causeHeader = "Assay-Cause" // what that fault was, the last time
)

// parcel is the message of a result.
type parcel struct {
	Worker string          `json:"worker"`
	Result *runners.Result `json:"result,omitempty"` // nil: it is an object of its own, or the cell was given up
	Object bool            `json:"object,omitempty"` // the result is the object HASH.result
	Model  bool            `json:"model,omitempty"`  // the object HASH is the model as it ended
	Lost   string          `json:"lost,omitempty"`   // why the cell is given up
}

// beat says that a worker is at a cell.
type beat struct {
	Worker string             `json:"worker"`
	Step   int                `json:"step,omitempty"`
	Of     int                `json:"of,omitempty"`
	Losses map[string]float64 `json:"losses,omitempty"`
}

// word is what a worker has to say to whoever looks at the coordinator.
type word struct {
	Worker string `json:"worker"`
	Text   string `json:"text"`
}

const (
	maxWord   = 400       // bytes of a worker's word that are shown
	maxObject = 256 << 20 // bytes of a result that is an object
	maxModel  = 16 << 30  // bytes of a model
)

// identity is what the study says of itself at the queue.
func identity(p *runners.Plan, o runners.Provenance) map[string]string {
	return map[string]string{suiteKey: p.Suite, planKey: p.Hash, buildKey: o.Build, kernelKey: o.Kernel, versionKey: o.Version}
}

// open finds the study's streams, or makes them. A queue that still holds cells or results of another study is refused.
func (s study) open(ctx context.Context, is map[string]string, replicas int) error {
	if have, err := s.js.Stream(ctx, s.cells()); err == nil {
		info := have.CachedInfo()
		was := info.Config.Metadata
		if was[planKey] != is[planKey] && info.State.Msgs+s.pendingResults(ctx) > 0 {
			return fmt.Errorf("the queue %q there is at work on another study, suite %s: name another queue, such as nats://HOST:PORT/%s", s.name, was[suiteKey], is[suiteKey])
		}
	} else if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	for _, c := range []jetstream.StreamConfig{
		{
			Name: s.cells(), Subjects: []string{s.subject("cell", ">")}, Retention: jetstream.WorkQueuePolicy, MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true,
			Metadata: is, Replicas: replicas, Storage: jetstream.FileStorage,
		},
		{Name: s.results(), Subjects: []string{s.subject("result", "*")}, Retention: jetstream.WorkQueuePolicy, Replicas: replicas, Storage: jetstream.FileStorage},
	} {
		if _, err := s.js.CreateOrUpdateStream(ctx, c); err != nil {
			return err
		}
	}
	_, err := s.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: s.bucket(), Replicas: replicas, Storage: jetstream.FileStorage})
	return err
}

func (s study) pendingResults(ctx context.Context) uint64 {
	r, err := s.js.Stream(ctx, s.results())
	if err != nil {
		return 0
	}
	return r.CachedInfo().State.Msgs
}

// close removes the study from the queue.
func (s study) close(ctx context.Context) error {
	errs := []error{s.js.DeleteStream(ctx, s.cells()), s.js.DeleteStream(ctx, s.results()), s.js.DeleteObjectStore(ctx, s.bucket())}
	for i, err := range errs {
		if errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrBucketNotFound) {
			errs[i] = nil
		}
	}
	return errors.Join(errs...)
}

const coordinatorConsumer = "coordinator"

// resultsConsumer is the coordinator's.
func (s study) resultsConsumer(ctx context.Context) (jetstream.Consumer, error) {
	return s.js.CreateOrUpdateConsumer(ctx, s.results(), jetstream.ConsumerConfig{Durable: coordinatorConsumer, AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Minute, MaxAckPending: 256})
}

// The most workers of a need at a time, and the most of them that wait for a cell.
const maxWorkers = 100_000

// needConsumer hands out the cells of one need, leased as long as they are said to be in progress.
func (s study) needConsumer(ctx context.Context, key string, n runners.Requirement, lease time.Duration) (jetstream.Consumer, error) {
	text, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	return s.js.CreateOrUpdateConsumer(ctx, s.cells(), jetstream.ConsumerConfig{
		Durable: "need-" + key, FilterSubject: s.subject("cell", key, "*"), AckPolicy: jetstream.AckExplicitPolicy, AckWait: lease, MaxDeliver: -1,
		MaxAckPending: maxWorkers, MaxWaiting: maxWorkers, Metadata: map[string]string{needKey: string(text)},
	})
}

// say publishes what nobody keeps.
func (s study) say(subject string, v any) {
	if b, err := json.Marshal(v); err == nil {
		_ = s.nc.Publish(subject, b) // a beat that is lost is a beat late
	}
}
