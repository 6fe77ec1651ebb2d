package logs

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// shared is the folder of real logs that are too big for the repository.
func shared(t testing.TB) string {
	dir := os.Getenv("DBTRIAGE_SHARED")
	if dir == "" {
		t.Skip("set DBTRIAGE_SHARED to the folder that holds logs/ and incidents/ to run this on real logs")
	}
	return dir
}

// open opens a file, and uncompresses it when its name says so.
func open(t testing.TB, file string) io.Reader {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if !strings.HasSuffix(file, ".zst") {
		return f
	}
	z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(z.Close)
	return z
}

func readHead(t testing.TB, file string, size int64) []byte {
	head, err := io.ReadAll(io.LimitReader(open(t, file), size))
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func sharedLog(t testing.TB, name string) string { return filepath.Join(shared(t), "logs", name) }

// sharedFiles lists the files of the shared folder that fit a pattern, of which there must be one.
func sharedFiles(t testing.TB, pattern string) []string {
	files, _ := filepath.Glob(filepath.Join(shared(t), pattern))
	if len(files) == 0 {
		t.Fatalf("no %s", pattern)
	}
	return files
}
