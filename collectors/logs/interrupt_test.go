package logs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"
)

// A pipe that flows: each read brings more, and counts.
type flowing struct{ taken atomic.Int64 }

func (f *flowing) Read(p []byte) (int, error) {
	f.taken.Add(int64(len(p)))
	return len(p), nil
}

// What was taken from a pipe when it is interrupted is handed on.
func TestInterruptedWhileItFlows(t *testing.T) {
	for range 50 {
		ctx, cancel := context.WithCancel(context.Background())
		var pipe flowing
		r := Interruptible(ctx, &pipe)
		if _, err := io.ReadFull(r, make([]byte, 3*pipeBuffer/2)); err != nil {
			t.Fatal(err)
		}
		for pipe.taken.Load() < 3*pipeBuffer { // until both buffers are full, or being filled
			time.Sleep(time.Millisecond)
		}
		cancel()
		rest, err := io.ReadAll(r)
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if got := int64(3*pipeBuffer/2 + len(rest)); got != pipe.taken.Load() {
			t.Fatalf("%d bytes were handed on, %d taken", got, pipe.taken.Load())
		}
	}
}

// The end of a pipe is its end, interrupted or not, and one that is silent ends soon.
func TestInterruptedEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	got, err := io.ReadAll(Interruptible(ctx, bytes.NewReader(make([]byte, 5*pipeBuffer+7))))
	if len(got) != 5*pipeBuffer+7 || err != nil {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	silent, w := io.Pipe()
	defer w.Close()
	r := Interruptible(ctx, silent)
	cancel()
	if got, err := io.ReadAll(r); len(got) != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
