package recorded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// sniffSarBinary knows the files that sadc writes by their first bytes, in either byte order.
func sniffSarBinary(head []byte, _ string) bool {
	const current, older = 0x2175, 0x2171
	if len(head) < 4 {
		return false
	}
	for _, magic := range [...][2]int{{0xd596, current}, {0xd596, older}} {
		little := []byte{byte(magic[0]), byte(magic[0] >> 8), byte(magic[1]), byte(magic[1] >> 8)}
		big := []byte{little[1], little[0], little[3], little[2]}
		if bytes.HasPrefix(head, little) || bytes.HasPrefix(head, big) {
			return true
		}
	}
	return false
}

// maxSarBinary bounds the copy that is made for sadf; a day of a large host at 1 s has a tenth of it.
const maxSarBinary = 4 << 30

// sadfHint says how to read such a file without a sadf that fits.
const sadfHint = "convert it where it was recorded: sadf -j FILE -- -A > sar.json"

// readSarBinary has the installed sadf write the file as JSON: its layout is that of the kernel and
// the version of sysstat that wrote it.
func readSarBinary(r *reader) error {
	sadf, err := exec.LookPath("sadf")
	if err != nil {
		return errors.New("sar's binary files are read by sadf, which is not installed: install sysstat, or " + sadfHint)
	}
	// sadf seeks: what comes from a pipe or was compressed is copied, to a file without a name.
	file, err := os.CreateTemp("", "dbtriage-sar-")
	if err != nil {
		return err
	}
	defer file.Close()
	if err := os.Remove(file.Name()); err != nil {
		return err
	}
	n, err := io.Copy(file, io.LimitReader(r.in, maxSarBinary))
	if err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	cmd := exec.CommandContext(r.ctx, sadf, "-j", "/dev/stdin", "--", "-A")
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stdin = file
	var complaint bytes.Buffer
	cmd.Stderr = &limitedBuffer{to: &complaint, left: 4096}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("running sadf: %w", err)
	}
	in := newReader(r.ctx, out, r.opt, r.sink)
	readErr := readSar(in)
	_, _ = io.Copy(io.Discard, out) // a writer that nobody reads would wait for ever
	waitErr := cmd.Wait()
	r.res, r.offset = in.res, n
	if waitErr != nil && r.res.Events == 0 {
		why, _, _ := strings.Cut(strings.TrimSpace(complaint.String()), "\n")
		return fmt.Errorf("sadf cannot read it (%s): it is damaged or of another version of sysstat; %s", why, sadfHint)
	}
	if waitErr != nil {
		r.warn("sadf stopped before the end of the file")
	}
	return readErr
}

// A limitedBuffer keeps the first bytes and passes over the rest.
type limitedBuffer struct {
	to   *bytes.Buffer
	left int
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	k := min(len(p), b.left)
	b.to.Write(p[:k])
	b.left -= k
	return len(p), nil
}
