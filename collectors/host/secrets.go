package host

import (
	"path"
	"regexp"
	"strings"
)

// hidden stands for a secret of a command line.
const hidden = "***"

var (
	secretValue = regexp.MustCompile(`(?i)((?:pass|passwd|password|pwd|secret|token|api[_-]?key|credential)s?)([=:])\S+`)
	secretName  = regexp.MustCompile(`(?i)^--?[a-z_-]*(?:password|passwd|secret|token|api[_-]?key)$`)
	urlPassword = regexp.MustCompile(`://([^/@:\s]*):[^@/\s]+@`)
)

// withoutSecrets returns the arguments of a process with what looks like a password taken out: lists
// of processes are recorded and shown to others.
func withoutSecrets(args []string) []string {
	client := false
	for i, a := range args {
		if i == 0 {
			base := path.Base(a)
			client = strings.HasPrefix(base, "mysql") || strings.HasPrefix(base, "mariadb") || base == "redis-cli" || base == "sysbench"
			continue
		}
		a = secretValue.ReplaceAllString(a, "${1}${2}"+hidden)
		a = urlPassword.ReplaceAllString(a, "://${1}:"+hidden+"@")
		switch {
		case secretName.MatchString(args[i-1]) && !strings.HasPrefix(a, "-"), args[i-1] == "-a" && client:
			a = hidden
		case client && strings.HasPrefix(a, "-p") && len(a) > 2:
			a = "-p" + hidden
		}
		args[i] = a
	}
	return args
}
