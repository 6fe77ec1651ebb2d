package session

import (
	"sync"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// A Session publishes states while it reads its sources, and answers looks.
//
//	s, err := StartLive(ctx, …)   // or StartReplay, StartBatch
//	for state := range s.States() { … s.Ask(Look{…}) … }
//	err = s.Wait()
//
// States are published to a channel of one, in which the newest takes the place of one that nobody
// has taken. It is closed when the session has ended: when its context has, or, of a batch or a
// replay that nobody looks at any more, by Close.
type Session struct {
	states chan *State
	asks   chan Look
	done   chan struct{}
	cancel func()

	mu  sync.Mutex
	err error
}

func newSession(cancel func()) *Session {
	return &Session{states: make(chan *State, 1), asks: make(chan Look, 1), done: make(chan struct{}), cancel: cancel}
}

// States returns where states come from.
func (s *Session) States() <-chan *State { return s.states }

// Ask has the session publish what look asks for, now and from then on. It never blocks; of looks
// asked in quick succession the last one counts.
func (s *Session) Ask(look Look) {
	for {
		select {
		case s.asks <- look:
			return
		default:
		}
		select {
		case <-s.asks:
		default:
		}
	}
}

// Close ends the session.
func (s *Session) Close() { s.cancel() }

// Wait waits for the end of the session and returns what ended it; nil when it was asked to end.
func (s *Session) Wait() error {
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// publish puts a state where it is taken from, in place of one that was not.
func (s *Session) publish(st *State) {
	for {
		select {
		case s.states <- st:
			return
		default:
		}
		select {
		case <-s.states:
		default:
		}
	}
}

func (s *Session) end(err error) {
	s.mu.Lock()
	s.err = err
	s.mu.Unlock()
	s.cancel()
	close(s.states)
	close(s.done)
}

// emptySnapshot is what is known before anything was read.
func emptySnapshot() *analyzers.Snapshot {
	return &analyzers.Snapshot{
		Window: analyzers.Window{From: collectors.NoTime, To: collectors.NoTime},
		Digest: analyzers.NewDigest(),
	}
}
