package host

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A mount is one line of /proc/self/mountinfo.
type mount struct {
	device string // major:minor
	root   string // what of the file system is mounted
	point  string
	kind   string
	super  string // options of the file system
	fixed  bool   // it is read only
}

// parseMount reads "36 35 98:0 /root /point options [tags…] - kind source super-options".
func parseMount(line []byte) (m mount, ok bool) {
	before, after, ok := bytes.Cut(line, []byte(" - "))
	if !ok {
		return m, false
	}
	var words [5]string
	for i := range words {
		var w []byte
		if w, before = field(before); len(w) == 0 {
			return m, false
		}
		words[i] = string(w)
	}
	options, _ := field(before)
	kind, rest := field(after)
	_, rest = field(rest)
	super, _ := field(rest)
	m = mount{device: words[2], root: unescape(words[3]), point: unescape(words[4]), kind: string(kind), super: string(super)}
	m.fixed = readOnly(string(options)) || readOnly(m.super)
	return m, len(kind) > 0 && strings.HasPrefix(m.point, "/")
}

func readOnly(options string) bool { return options == "ro" || strings.HasPrefix(options, "ro,") }

// unescape takes back the \040 that mountinfo writes for a blank, tab, newline or backslash.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && octal(s[i+1]) && octal(s[i+2]) && octal(s[i+3]) {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func octal(c byte) bool { return c >= '0' && c <= '7' }

// localKinds are the file systems that are asked how full they are. One over the network may not
// answer for minutes when its server is gone.
var localKinds = []string{"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "reiserfs", "bcachefs", "vfat", "tmpfs", "overlay"}

// remoteKinds are left out, which is told.
var remoteKinds = []string{"nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "fuse.s3fs", "9p", "virtiofs", "lustre", "gpfs", "ocfs2", "beegfs"}

// leastTmpfs is the size in bytes of a tmpfs for files: smaller ones hold secrets and sockets.
const leastTmpfs = 16 << 20

// maxMounts bounds the file systems that are told: a host of containers has thousands of mounts.
const maxMounts = 64

// readFilesystems asks each mounted file system once, at its shortest mount point.
func readFilesystems(p *pass) {
	text, err := p.read(p.inProc("self/mountinfo"))
	if err != nil {
		p.miss("file systems", err, "")
		return
	}
	var found []mount
	for line := range bytes.Lines(text) {
		m, ok := parseMount(line)
		switch {
		case !ok:
		case slices.Contains(remoteKinds, m.kind):
			p.miss("use of "+m.point, fmt.Errorf("%s is a network file system, and asking one whose server is gone would hang", m.kind), "df -h "+m.point)
		case !slices.Contains(localKinds, m.kind), m.kind == "tmpfs" && !forFiles(m.point), m.fixed: // what nobody writes to fills up for nobody
		default:
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, func(a, b mount) int { return len(a.point) - len(b.point) })
	var asked []string
	for _, m := range found {
		if slices.Contains(asked, m.device) || len(asked) == maxMounts {
			continue
		}
		use, err := usage(p.at(m.point))
		if err != nil {
			p.miss("use of "+m.point, err, "")
			continue
		}
		asked = append(asked, m.device)
		if use.size == 0 || m.kind == "tmpfs" && use.size < leastTmpfs {
			continue
		}
		p.put("fs.size", m.point, use.size)
		p.put("fs.used", m.point, use.used)
		if use.inodes >= 0 {
			p.put("fs.inodes_used", m.point, use.inodes)
		}
	}
}

// forFiles tells the tmpfs that programs put files into from those of the system.
func forFiles(point string) bool {
	for _, dir := range [...]string{"/run", "/sys", "/dev", "/proc"} {
		if (point == dir || strings.HasPrefix(point, dir+"/")) && point != "/dev/shm" {
			return false
		}
	}
	return true
}

// A fsUse is how full a file system is.
type fsUse struct {
	size   float64 // bytes
	used   float64 // share of what users may use, as df prints it
	inodes float64 // share; negative where there is no fixed number of them
}
