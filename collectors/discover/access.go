package discover

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// A User is whose rights count.
type User struct {
	Name string
	UID  uint32
	GIDs []uint32
}

// me is who runs the program.
func me() *User {
	u := &User{Name: "$USER", UID: uint32(os.Geteuid()), GIDs: []uint32{uint32(os.Getegid())}}
	if known, err := user.Current(); err == nil && known.Username != "" {
		u.Name = known.Username
	}
	groups, _ := os.Getgroups()
	for _, g := range groups {
		u.GIDs = append(u.GIDs, uint32(g))
	}
	return u
}

func (f *finder) user() *User {
	if f.roots.As == nil {
		f.roots.As = me()
	}
	return f.roots.As
}

const (
	mayRead   = 4
	mayWrite  = 2
	maySearch = 1
)

// allowed asks the mode of a file. Rights given by access lists are not seen in it.
func (u *User) allowed(info fs.FileInfo, right fs.FileMode) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	if u.UID == 0 || !ok {
		return true
	}
	mode := info.Mode().Perm()
	switch {
	case owner.Uid == u.UID:
		mode >>= 6
	case slices.Contains(u.GIDs, owner.Gid):
		mode >>= 3
	}
	return mode&right == right
}

// may reports whether a file may be read: by trying, when it is the user who runs the program.
func (f *finder) may(path string) bool {
	state, _, _ := f.access(path)
	return state == Readable
}

// access says whether a file may be read, and what would help.
func (f *finder) access(path string) (state, why, provide string) {
	return f.try(path, mayRead, func(path string) error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() { // opening a pipe would wait for its writer
			return nil
		}
		file, err := os.Open(path)
		if err == nil {
			file.Close()
		}
		return err
	})
}

// accessSocket says whether a socket may be connected to, for which it must be writable.
func (f *finder) accessSocket(path string) (state, why, provide string) {
	return f.try(path, mayWrite, func(path string) error {
		const writeOK = 2
		if err := syscall.Access(path, writeOK); err != nil {
			return &fs.PathError{Op: "access", Path: path, Err: err}
		}
		return nil
	})
}

func (f *finder) try(path string, right fs.FileMode, really func(path string) error) (state, why, provide string) {
	given := f.roots.As != nil
	blocked, info, err := f.walk(path, right)
	if !given && (err == nil || errors.Is(err, fs.ErrPermission)) {
		if real := really(f.path(path)); real == nil {
			return Readable, "", ""
		} else if err == nil {
			blocked, err = path, real
			info, _ = os.Stat(f.path(path))
		}
	}
	switch {
	case err == nil:
		return Readable, "", ""
	case errors.Is(err, fs.ErrPermission):
		return Denied, "permission denied: " + blocked, f.allow(path, blocked, info, right)
	case errors.Is(err, fs.ErrNotExist):
		return Absent, "there is no such file", ""
	}
	return Denied, err.Error(), ""
}

// walk goes down to a path and returns the first part that the user may not pass.
func (f *finder) walk(path string, right fs.FileMode) (blocked string, info fs.FileInfo, err error) {
	u := f.user()
	parts := strings.Split(strings.Trim(filepath.Clean(path), "/"), "/")
	at := "/"
	for i, part := range parts {
		at = filepath.Join(at, part)
		info, err = os.Stat(f.path(at))
		if err != nil {
			return at, info, err
		}
		need := fs.FileMode(maySearch)
		if i == len(parts)-1 {
			need = right
		}
		if !u.allowed(info, need) {
			return at, info, fs.ErrPermission
		}
	}
	return "", info, nil
}

// adminGroups are given the right to read logs by distributions.
var adminGroups = []string{"adm", "systemd-journal", "mysql", "nginx", "www-data", "redis", "memcache"}

// allow is the command that gives the user the right: the group that has it, where it is one that is
// made for it, else an access list for this path, and for what rotation puts in its place.
func (f *finder) allow(path, blocked string, info fs.FileInfo, right fs.FileMode) string {
	name := f.user().Name
	if info != nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && info.Mode().Perm()>>3&right == right || ok && info.IsDir() && info.Mode().Perm()>>3&maySearch != 0 {
			if g, err := user.LookupGroupId(strconv.Itoa(int(owner.Gid))); err == nil && slices.Contains(adminGroups, g.Name) && owner.Gid != 0 {
				return fmt.Sprintf("sudo usermod -aG %s %s, then log in again", g.Name, name)
			}
		}
	}
	letters := map[fs.FileMode]string{mayRead: "r", mayWrite: "rw"}[right]
	var out []string
	if blocked != path { // a directory on the way; others below it may be closed too
		for dir := filepath.Dir(path); dir != "/" && len(dir) >= len(blocked); dir = filepath.Dir(dir) {
			if s, err := os.Stat(f.path(dir)); err != nil || !f.user().allowed(s, maySearch) {
				out = append([]string{fmt.Sprintf("sudo setfacl -m u:%s:x %s", name, quoted(dir))}, out...)
			}
		}
	}
	out = append(out, fmt.Sprintf("sudo setfacl -m u:%s:%s %s", name, letters, quoted(path)))
	return strings.Join(out, " && ")
}

// quoted writes a path for a shell.
func quoted(path string) string {
	if strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%,") == "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
