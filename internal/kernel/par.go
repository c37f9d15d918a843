package kernel

import (
	"sync"
	"sync/atomic"
)

// job is work cut into independent items; the cut depends on shapes only, never on the thread count.
type job interface{ run(i int) }

type jobFunc func(i int)

func (f jobFunc) run(i int) { f(i) }

// task is one published job. refs counts the workers that may still look at it: a task is
// filled anew only at refs == 0.
type task struct {
	j       job
	n       atomic.Int64
	next    atomic.Int64
	done    atomic.Int64
	refs    atomic.Int32
	waiting atomic.Bool   // the caller sleeps: whoever ends the last item owes it a token
	ended   chan struct{} // of one place

	mu       sync.Mutex // of what follows
	panicked any        // of the first item that did, for the caller
	at       int
	_        [64]byte
}

// Both sides spin before they sleep. Ops follow each other within microseconds and waking a thread costs more than most ops; but a
// processor that somebody else uses is lost to those who spin, above all when the thread they wait for could have run on it.
const (
	spinPolls  = 30000 // of a worker without work: some 30 us
	waitPolls  = 20000 // of a caller whose last items are with workers
	maxThreads = 1024
)

var (
	threads atomic.Int32 // 0 means not set: all cores
	all     = sync.OnceValue(func() int { return min(cores(), maxThreads) })
	current atomic.Pointer[task]
	tasks   = newTasks()
	parked  atomic.Int32
	wake    = make(chan struct{}, maxThreads)
	started atomic.Int32
	startMu sync.Mutex
)

func newTasks() *[16]task {
	t := new([16]task)
	for i := range t {
		t[i].ended = make(chan struct{}, 1)
	}
	return t
}

// SetThreads sets how many goroutines one kernel call may use, at most 1024; below 1 means one a core. It may be called at
// any time; results do not depend on it. It is the package's only global setting.
func SetThreads(n int) { threads.Store(int32(min(max(n, 0), maxThreads))) }

// Threads returns how many goroutines one kernel call may use; one a core until SetThreads is called.
func Threads() int {
	if n := int(threads.Load()); n > 0 {
		return n
	}
	return all()
}

// helpers is Threads for a call that begins now, but one while another is at work, perhaps the one that this belongs to: its work would all be done
// here, and need not be cut for others.
func helpers() int {
	if current.Load() != nil {
		return 1
	}
	return Threads()
}

// Par calls f(0) .. f(n-1), on up to Threads goroutines, and returns when all are done. When the workers are busy
// with another call (a second caller, or Par inside Par) it runs them all itself.
func Par(n int, f func(i int)) { parallel(n, jobFunc(f)) }

func parallel(n int, j job) {
	th := Threads()
	if n <= 1 || th <= 1 {
		inline(n, j)
		return
	}
	t := free()
	if t == nil {
		inline(n, j)
		return
	}
	t.j = j
	t.n.Store(int64(n))
	t.next.Store(0)
	t.done.Store(0)
	if !current.CompareAndSwap(nil, t) {
		t.refs.Add(-1)
		inline(n, j)
		return
	}
	start(th - 1)
	for k := min(parked.Load(), int32(th-1)); k > 0; k-- {
		select {
		case wake <- struct{}{}:
		default:
			k = 0
		}
	}
	t.drain()
	t.wait(int64(n))
	current.Store(nil)
	p := t.panicked
	t.panicked = nil
	t.refs.Add(-1)
	if p != nil {
		panic(p)
	}
}

func inline(n int, j job) {
	for i := 0; i < n; i++ {
		j.run(i)
	}
}

// free returns an unused task with one reference taken, nil when all are in use.
func free() *task {
	for i := range tasks {
		if tasks[i].refs.CompareAndSwap(0, 1) {
			return &tasks[i]
		}
	}
	return nil
}

func (t *task) drain() {
	for {
		i := t.next.Add(1) - 1
		if i >= t.n.Load() {
			return
		}
		t.item(int(i))
		if t.done.Add(1) == t.n.Load() && t.waiting.CompareAndSwap(true, false) {
			t.ended <- struct{}{}
		}
	}
}

// item runs one item. Its panic must not end a worker, which would end the program: the caller of Par panics with it when all are done.
func (t *task) item(i int) {
	defer func() {
		if p := recover(); p != nil {
			t.mu.Lock()
			if t.panicked == nil || i < t.at {
				t.panicked, t.at = p, i
			}
			t.mu.Unlock()
		}
	}()
	t.j.run(i)
}

// wait returns when all n items are done. It takes its word back if they end while it lies down; if it is too late for that, a token comes.
func (t *task) wait(n int64) {
	for range waitPolls {
		if t.done.Load() == n {
			return
		}
	}
	t.waiting.Store(true)
	if t.done.Load() == n && t.waiting.CompareAndSwap(true, false) {
		return
	}
	<-t.ended
}

func start(n int) {
	if int(started.Load()) >= n {
		return
	}
	startMu.Lock()
	for int(started.Load()) < n {
		id := started.Add(1)
		go worker(id)
	}
	startMu.Unlock()
}

// join takes a reference on the current task if there is one. The second look at current makes sure
// that the task was not finished, and perhaps reused, in between.
func join() *task {
	t := current.Load()
	if t == nil {
		return nil
	}
	t.refs.Add(1)
	if current.Load() != t {
		t.refs.Add(-1)
		return nil
	}
	return t
}

func worker(id int32) {
	for {
		if int(id) < Threads() {
			if spin() {
				continue
			}
		}
		parked.Add(1)
		if current.Load() == nil || int(id) >= Threads() {
			<-wake
		}
		parked.Add(-1)
	}
}

// spin looks for work for a while and reports whether it did some.
func spin() bool {
	for range spinPolls {
		t := current.Load()
		if t == nil || t.next.Load() >= t.n.Load() {
			continue
		}
		if t = join(); t != nil {
			t.drain()
			t.refs.Add(-1)
			return true
		}
	}
	return false
}
