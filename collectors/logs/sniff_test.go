package logs

import "testing"

// The first line of a slow log says which server wrote it.
func TestBannerVersion(t *testing.T) {
	const rest = "Tcp port: 3306  Unix socket: /s\nTime                 Id Command    Argument\n# Time: 2026-11-22T13:56:52Z\n# Query_time: 1 Lock_time: 0 Rows_sent: 0 Rows_examined: 0\nSELECT 1;\n"
	for first, want := range map[string][2]string{
		"/usr/sbin/mysqld, Version: 8.0.36 (MySQL Community Server - GPL). started with:\n":        {"8.0.36", "MySQL Community Server - GPL"},
		"mariadbd, Version: 10.11.19-MariaDB-0+deb12u1 (Debian 12). started with:\n":               {"10.11.19-MariaDB-0+deb12u1", "Debian 12"},
		"\ufeff/usr/sbin/mysqld, Version: 8.0.36-28 (Percona Server (GPL), 28). started with:\r\n": {"8.0.36-28", "Percona Server (GPL), 28"},
		"": {},
	} {
		d, _ := Detect([]byte(first+rest), Options{})
		if d == nil || d.Format != "slow log" || d.Version != want[0] || d.VersionComment != want[1] {
			t.Errorf("%q: %+v, want %q", first, d, want)
		}
	}
}
