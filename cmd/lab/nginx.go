package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// logFormats are the ways in which the lab's web servers log.
var logFormats = []string{
	`log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
    'rt=$request_time uct="$upstream_connect_time" uht="$upstream_header_time" urt="$upstream_response_time" ua="$upstream_addr" us="$upstream_status"';`,
	`log_format main escape=json '{"time":"$time_iso8601","remote_addr":"$remote_addr","request_method":"$request_method","request_uri":"$request_uri","status":$status,'
    '"body_bytes_sent":$body_bytes_sent,"request_time":$request_time,"upstream_addr":"$upstream_addr","upstream_status":"$upstream_status",'
    '"upstream_connect_time":"$upstream_connect_time","upstream_header_time":"$upstream_header_time","upstream_response_time":"$upstream_response_time","http_user_agent":"$http_user_agent"}';`,
	"log_format main 'time:$time_iso8601\thost:$remote_addr\tmethod:$request_method\turi:$request_uri\tstatus:$status\tsize:$body_bytes_sent\treqtime:$request_time\t'\n" +
		"    'upstream_addr:$upstream_addr\tupstream_status:$upstream_status\tupstream_connect_time:$upstream_connect_time\tupstream_header_time:$upstream_header_time\tapptime:$upstream_response_time\tua:$http_user_agent';",
}

// startNginx starts a web server in dir before the application's ports.
func startNginx(procs *Processes, w World, f Fault, dir string, port int, app []int) error {
	var servers strings.Builder
	for _, p := range app {
		fmt.Fprintf(&servers, "    server 127.0.0.1:%d %s;\n", p, f.UpstreamOptions)
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n"
	}
	conf := fmt.Sprintf(`worker_processes 2;
%spid %[2]s/nginx.pid;
error_log %[2]s/nginx-error.log warn;
events { worker_connections 2048; }
http {
  %[3]s
  access_log %[2]s/access.log main;
  client_body_temp_path %[2]s/nx; proxy_temp_path %[2]s/nx; fastcgi_temp_path %[2]s/nx; uwsgi_temp_path %[2]s/nx; scgi_temp_path %[2]s/nx;
  upstream %[4]s {
%[5]s    keepalive 64;
  }
  server {
    listen 127.0.0.1:%[6]d%[8]s;
    location / {
      proxy_pass http://%[4]s;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host %[7]s.example;
    }
  }
}
`, user, dir, logFormats[w.LogFormat], strings.ReplaceAll(w.Service, "-", "_"), servers.String(), port, w.Words.Schema, f.ListenOptions)
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(conf), 0o644); err != nil {
		return err
	}
	// A master that is killed leaves its workers behind; one process leaves nothing.
	proc, err := procs.Start("nginx", nil, nginx(), "-e", filepath.Join(dir, "nginx-error.log"), "-p", dir, "-c", path, "-g", "daemon off; master_process off;")
	if err != nil {
		return err
	}
	return proc.wait(10*time.Second, func() error {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			c.Close()
		}
		return err
	})
}

func nginx() string {
	if _, err := os.Stat("/usr/sbin/nginx"); err == nil {
		return "/usr/sbin/nginx"
	}
	return "nginx"
}
