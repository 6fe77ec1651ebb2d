package host

import "testing"

// What is mounted read only, by itself or as a whole, is told apart: nobody fills it.
func TestReadOnlyMounts(t *testing.T) {
	for line, fixed := range map[string]bool{
		"25 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw":                       false,
		"26 1 8:2 / /iso ro,relatime shared:1 - ext4 /dev/sda2 ro,seclabel":  true,
		"27 1 8:3 / /bind ro,relatime master:1 - xfs /dev/sda3 rw,attr2":     true,
		"28 1 8:4 / /data rw,noatime - btrfs /dev/sda4 rw,rootcontext=x,ro2": false,
	} {
		if m, ok := parseMount([]byte(line)); !ok || m.fixed != fixed {
			t.Errorf("%s: %+v %v", line, m, ok)
		}
	}
}
