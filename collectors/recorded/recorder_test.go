package recorded

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func readAll(t testing.TB, data []byte) (ticks []*Tick, r *FileReader) {
	t.Helper()
	r, err := NewFileReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		tick, err := r.Next()
		if err == io.EOF {
			return ticks, r
		}
		if err != nil {
			t.Fatal(err)
		}
		ticks = append(ticks, tick)
	}
}

func record(t testing.TB, ticks []*Tick) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.rec")
	r, err := NewRecorder(RecorderOptions{File: name})
	if err != nil {
		t.Fatal(err)
	}
	for _, tick := range ticks {
		if err := r.Append(tick); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRecordAndRead(t *testing.T) {
	ticks := someTicks(150, 5)
	got, r := readAll(t, record(t, ticks))
	if diff := differ(ticks, got); diff != "" || r.Torn || r.Skipped > 0 {
		t.Fatalf("torn %v, skipped %d: %.2000s", r.Torn, r.Skipped, diff)
	}
}

// TestTornFile cuts a recording: what was written before the cut is read.
func TestTornFile(t *testing.T) {
	ticks := someTicks(80, 6)
	data := record(t, ticks)
	for cut := len(fileHead); cut < len(data); cut += len(data)/40 + 1 {
		got, r := readAll(t, data[:cut])
		if diff := differ(ticks[:len(got)], got); diff != "" && len(got) > 0 {
			t.Fatalf("cut at %d: %.500s", cut, diff)
		}
		if r.Skipped > 0 {
			t.Fatalf("cut at %d: %d places skipped", cut, r.Skipped)
		}
	}
}

// TestDamagedFile changes a few bytes in one place: at most the rest of that chunk is lost.
func TestDamagedFile(t *testing.T) {
	ticks := someTicks(250, 7)
	data := record(t, ticks)
	for at := len(fileHead); at < len(data); at += len(data) / 30 {
		damaged := bytes.Clone(data)
		for i := at; i < min(at+5, len(data)); i++ {
			damaged[i] ^= 0x5a
		}
		got, r := readAll(t, damaged)
		if len(got) < len(ticks)-62 || r.Skipped == 0 && !r.Torn {
			t.Errorf("damage at %d of %d: %d of %d ticks, skipped %d", at, len(data), len(got), len(ticks), r.Skipped)
		}
		have := map[int64]*Tick{}
		for _, tick := range ticks {
			have[tick.At] = tick
		}
		for _, tick := range got {
			want := have[tick.At]
			if want == nil || len(tick.Readings) != len(want.Readings) || !reflect.DeepEqual(want.Readings[0].Samples, tick.Readings[0].Samples) {
				t.Fatalf("damage at %d: a tick that never was", at)
			}
		}
	}
}

// TestFolder records over midnight and beyond the bounds.
func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "rec")
	opening := &Tick{Opaque: []Opaque{{"session", "", []byte("x")}}}
	opt := RecorderOptions{Dir: dir, MaxBytes: 64 << 10, Opening: func(at int64) *Tick { opening.At = at; return opening }}
	r, err := NewRecorder(opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewRecorder(opt); !errors.Is(err, ErrLocked) {
		t.Errorf("a second writer: %v", err)
	}
	ticks := someTicks(600, 9)
	for i, tick := range ticks {
		if i >= 300 {
			tick.At += 86400e6
		}
		if err := r.Append(tick); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	files := Files(dir)
	var total int64
	days := map[string]bool{}
	for _, f := range files {
		total += f.Size
		days[filepath.Base(f.Path)[9:17]] = true
		data, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := readAll(t, data)
		if len(got) < 2 || len(got[0].Opaque) != 1 || got[0].Opaque[0].Kind != "session" {
			t.Errorf("%s does not begin with the opening", f.Path)
		}
	}
	if len(files) < 2 || total > opt.MaxBytes {
		t.Errorf("%d files of %d bytes in all", len(files), total)
	}
	r, err = NewRecorder(RecorderOptions{Dir: dir, MaxAge: time.Hour})
	if err != nil {
		t.Fatalf("after the first writer has ended: %v", err)
	}
	ticks[0].At = time.Now().Add(2 * time.Hour).UnixMicro()
	if err := r.Append(ticks[0]); err != nil {
		t.Fatal(err)
	}
	if files := Files(dir); len(files) != 1 {
		t.Errorf("%d files after all but one were too old", len(files))
	}
	r.Close()
}

func FuzzFile(f *testing.F) {
	f.Add(record(f, someTicks(2, 10)))
	f.Add([]byte(fileHead))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewFileReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		defer r.Close()
		for range 1000 {
			if _, err := r.Next(); err != nil {
				return
			}
		}
	})
}
