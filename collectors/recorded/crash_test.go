package recorded

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test program be a recorder that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("RECORD_UNTIL_KILLED"); dir != "" {
		recordUntilKilled(dir)
	}
	os.Exit(m.Run())
}

// recordUntilKilled says the number of every tick once it is written.
func recordUntilKilled(dir string) {
	r, err := NewRecorder(RecorderOptions{Dir: dir, MaxBytes: 256 << 10})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for i, t := range someTicks(400, 11) {
		time.Sleep(200 * time.Microsecond)
		if err := r.Append(t); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(i)
	}
	os.Exit(0)
}

// G9: TestKill kills a recorder at forty random moments. Every tick that it said to have written is in the
// files, as it was, and nothing that never was.
func TestKill(t *testing.T) {
	want := map[int64]*Tick{}
	ticks := someTicks(400, 11)
	for _, tick := range ticks {
		want[tick.At] = tick
	}
	torn, total := 0, 0
	for range 40 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run", "^$")
		cmd.Env = append(os.Environ(), "RECORD_UNTIL_KILLED="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		lines.Scan() // it runs; now for a random moment
		time.AfterFunc(time.Duration(rand.IntN(150_000))*time.Microsecond, func() { cmd.Process.Kill() })
		said, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatal(lines.Text())
		}
		for lines.Scan() {
			if n, err := strconv.Atoi(lines.Text()); err == nil {
				said = n
			}
		}
		cmd.Wait()
		var got []*Tick
		for _, f := range Files(dir) {
			data, err := os.ReadFile(f.Path)
			if err != nil {
				t.Fatal(err)
			}
			more, r := readAll(t, data)
			if got = append(got, more...); r.Skipped > 0 {
				t.Errorf("%s: %d places skipped", f.Path, r.Skipped)
			}
			if r.Torn {
				torn++
			}
		}
		if len(got) < said+1 || len(got) > said+2 {
			t.Fatalf("%d ticks are there of %d", len(got), said+1)
		}
		for i, tick := range got {
			if diff := differ(want[tick.At].Readings, tick.Readings); diff != "" {
				t.Fatalf("tick %d: %s", i, diff)
			}
			if tick.At != ticks[i].At {
				t.Fatalf("tick %d is another one", i)
			}
		}
		total += len(got)
	}
	t.Logf("%d ticks, %d of 40 files end with a torn one", total, torn)
}

// TestFullDisk records onto a small file system until it is full, and on when there is space again.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("mounting a small file system: %v; run it as root", err)
	}
	defer syscall.Unmount(dir, 0)
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 150<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := NewRecorder(RecorderOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	written := map[int64]*Tick{}
	failed := 0
	for i, tick := range someTicks(300, 12) {
		switch err := r.Append(tick); {
		case err == nil:
			written[tick.At] = tick
		case !errors.Is(err, syscall.ENOSPC):
			t.Fatalf("tick %d: %v", i, err)
		default:
			failed++
		}
		if info, err := os.Stat(r.Name()); err != nil || info.Size() != r.Size() {
			t.Fatalf("tick %d: the file has %d bytes, not %d", i, info.Size(), r.Size())
		}
		if i == 150 {
			if failed == 0 {
				t.Fatal("the disk is not full")
			}
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
		}
	}
	if r.Lost != int64(failed) || r.Err != nil {
		t.Errorf("lost %d, not %d: %v", r.Lost, failed, r.Err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range Files(dir) {
		data, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		got, reader := readAll(t, data)
		if reader.Torn || reader.Skipped > 0 {
			t.Errorf("%s: torn %v, skipped %d", f.Path, reader.Torn, reader.Skipped)
		}
		for _, tick := range got {
			if diff := differ(written[tick.At].Readings, tick.Readings); diff != "" {
				t.Fatal(diff)
			}
		}
		n += len(got)
	}
	if n != len(written) {
		t.Errorf("%d ticks are there of %d that were written", n, len(written))
	}
	t.Logf("%d ticks written, %d lost to a full disk", n, failed)
}
