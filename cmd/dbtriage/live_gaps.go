package main

import "dbtriage/rules"

// A missingInput is how live is given what rules lack. The advice that gaps have is for reports on files.
type missingInput struct {
	missing string // as gaps name it
	has     func(f *sourceFlags) bool
	flag    rules.Text // where nothing was named that gives it
	named   rules.Text // where something was, and does not
}

// ways are those of all inputs that live can have.
var ways = func() []missingInput {
	says := func(en, zh string) rules.Text { return rules.Text{EN: en, ZH: zh} }
	server := func(f *sourceFlags) bool { return len(f.mysql.known) > 0 }
	shown := says("the server shows none of it yet: the sources (!) say why, and which GRANT helps", "服务器尚未提供该信息：来源页（!）说明原因及所需的 GRANT")
	read := says("it is named and gives nothing yet: the sources (!) say why", "已指定但尚无数据：来源页（!）说明原因")
	name := says("name the server: --mysql user@host, or --defaults-file FILE", "指定服务器：--mysql user@host 或 --defaults-file FILE")
	all := []missingInput{
		{"host recording", func(f *sourceFlags) bool { return !f.noHost }, says("run dbtriage on the host in question, without --no-host", "在相关主机上运行 dbtriage，不带 --no-host"), read},
		{"access log", func(f *sourceFlags) bool { return len(f.accessLogs) > 0 }, says("follow Nginx's access log: --access-log FILE", "跟踪 Nginx 访问日志：--access-log FILE"), read},
		{"web server's error log", func(f *sourceFlags) bool { return len(f.webErrors) > 0 }, says("follow Nginx's error log: --nginx-error-log FILE", "跟踪 Nginx 错误日志：--nginx-error-log FILE"), read},
		{"web server state", func(f *sourceFlags) bool { return f.nginxStatus != "" }, says("read Nginx's stub_status: --nginx-status URL", "读取 Nginx 的 stub_status：--nginx-status URL"), read},
		{"cache statistics", func(f *sourceFlags) bool { return len(f.redis)+len(f.memcached) > 0 }, says("ask the cache: --redis HOST:PORT or --memcached HOST:PORT", "读取缓存：--redis HOST:PORT 或 --memcached HOST:PORT"), read},
		{"database's error log", func(f *sourceFlags) bool { return len(f.dbErrors) > 0 }, says("follow the server's error log: --mysql-error-log FILE; SELECT @@log_error names it", "跟踪服务器错误日志：--mysql-error-log FILE；SELECT @@log_error 给出文件名"), read},
		{"slow log", func(f *sourceFlags) bool { return len(f.slowLogs) > 0 }, says("follow the server's slow log: --slow-log FILE; or name the server, which counts its statements: --mysql user@host", "跟踪慢日志：--slow-log FILE；或指定服务器，由其统计语句：--mysql user@host"), read},
		{"slow log", server, rules.Text{}, shown},
	}
	for _, missing := range []string{"server status", "server variables", "sessions", "replication state", "table sizes"} {
		all = append(all, missingInput{missing, server, name, shown})
	}
	return all
}()

// instead says how this session is given what rules lack.
func (f *sourceFlags) instead(lang string) map[string]string {
	out := map[string]string{}
	for _, w := range ways {
		switch {
		case w.has(f):
			out[w.missing] = w.named.In(lang)
		case w.flag != rules.Text{}:
			out[w.missing] = w.flag.In(lang)
		}
	}
	return out
}
