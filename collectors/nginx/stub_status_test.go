package nginx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dbtriage/collectors"
)

// startNginx runs a private server that listens on a socket until the test ends.
func startNginx(t *testing.T) (socket string) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program = "/usr/sbin/nginx"; !exists(program) {
			t.Skip("nginx is not installed: apt-get install nginx-light")
		}
	}
	dir, err := os.MkdirTemp("", "ngx") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(dir, "s")
	conf := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 64; }
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/c;
server { listen unix:%[1]s/s; location = /status { stub_status; } location = /denied { deny all; } location / { return 204; } } }
`, dir)
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"))
	cmd.Stderr = io.Discard
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		os.RemoveAll(dir)
	})
	for range 200 {
		if exists(socket) {
			return socket
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("nginx did not start")
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func samples(t *testing.T, r collectors.Reading) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, s := range r.Samples {
		if _, ok := collectors.MetricNamed(s.Name); !ok {
			t.Errorf("%s is not in the table of metrics", s.Name)
		}
		out[s.Name] = s.Value
	}
	return out
}

func TestRealNginx(t *testing.T) {
	socket := startNginx(t)
	s := New("unix:" + socket + ":/status")
	s.MaxConnections = 64
	defer s.Close()
	start := time.Now()
	first, err := s.Read(context.Background(), start)
	if err != nil {
		t.Fatal(err)
	}
	got := samples(t, first)
	if _, has := got["nginx.requests"]; has || got["nginx.active"] < 1 || got["nginx.writing"] != 1 || got["nginx.connections_used"] != got["nginx.active"]/64 || first.Role != "web" {
		t.Errorf("%v", got)
	}
	other := New("unix:" + socket + ":/")
	defer other.Close()
	var se *collectors.SourceError
	for range 9 {
		if _, err := other.Read(context.Background(), start); !errors.As(err, &se) || se.Denied {
			t.Fatalf("a page that is none: %v", err)
		}
	}
	other.URL = "unix:" + socket + ":/denied"
	if _, err := other.Read(context.Background(), start); !errors.As(err, &se) || !se.Denied || !strings.Contains(se.Provide, "allow") {
		t.Errorf("a page that is denied: %v", err)
	}
	second, err := s.Read(context.Background(), start.Add(11*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	got = samples(t, second)
	if got["nginx.requests"] != 1 || got["nginx.connections"] <= 0 || got["nginx.dropped"] != 0 {
		t.Errorf("%v", got)
	}
}

func TestPages(t *testing.T) {
	const good = "Active connections: 291 \nserver accepts handled requests\n 16630948 16630940 31070465 \nReading: 6 Writing: 179 Waiting: 106 \n"
	for text, ok := range map[string]bool{
		good: true,
		"Active connections: 1 \nserver accepts handled requests request_time\n 2 2 3 99\nReading: 0 Writing: 1 Waiting: 0 \n": true,
		"":                                    false,
		"<html>404</html>":                    false,
		good + "more\n":                       false,
		strings.Replace(good, "291", "-1", 1): false,
		strings.Replace(good, "16630948", "1e9", 1):       false,
		strings.Replace(good, "16630940", "16630949", 1):  false,
		strings.Replace(good, "16630940 31070465", "", 1): false,
	} {
		if _, got := parsePage(text); got != ok {
			t.Errorf("%q: %v", text, got)
		}
	}
	if p, _ := parsePage(good); p.active != 291 || p.accepts-p.handled != 8 || p.requests != 31070465 || p.reading != 6 || p.writing != 179 || p.waiting != 106 {
		t.Errorf("%+v", p)
	}
}

// TestHostilePages has pages that are endless, slow or elsewhere.
func TestHostilePages(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			for range 1000 {
				fmt.Fprint(w, strings.Repeat("x", 1000))
			}
		case "/slow":
			select {
			case <-release:
			case <-r.Context().Done():
			}
		case "/elsewhere":
			http.Redirect(w, r, "/endless", http.StatusFound)
		}
	}))
	defer srv.Close()
	defer close(release)
	for _, path := range []string{"/endless", "/slow", "/elsewhere", "/none", ":bad"} {
		s := New(srv.URL + path)
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		var se *collectors.SourceError
		if got, err := s.Read(ctx, time.Now()); !errors.As(err, &se) || len(got.Samples) != 0 {
			t.Errorf("%s: %v %v", path, err, got.Samples)
		}
		cancel()
		s.Close()
	}
}

// An address may be given as people give it; what is none is refused at once.
func TestStatusURL(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:8080/st": "http://127.0.0.1:8080/st", "localhost/st": "http://localhost/st", "https://a.b/st": "https://a.b/st", "unix:/run/n.sock:/st": "unix:/run/n.sock:/st",
		"ftp://a/st": "", "http://": "", "/st": "", "a b:x/": "",
	} {
		if got, err := StatusURL(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
}
