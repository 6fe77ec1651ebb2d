package report

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Phrase returns what the readers of sources say, and the names of inputs and formats, in a language. What has no
// translation stays English.
func Phrase(lang, en string) string {
	if !strings.HasPrefix(lang, "zh") {
		return en
	}
	if zh, ok := chinesePhrases[en]; ok {
		return zh
	}
	if zh, ok := chinese[en]; ok {
		return zh
	}
	for _, p := range phrasePatterns() {
		if m := p.en.FindStringSubmatch(en); m != nil {
			zh := p.zh
			for _, part := range m[1:] {
				zh = strings.Replace(zh, anything, part, 1)
			}
			return zh
		}
	}
	return en
}

// phrases joins phrases.
func phrases(lang string, all []string) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = Phrase(lang, s)
	}
	comma := ", "
	if strings.HasPrefix(lang, "zh") {
		comma = "、"
	}
	return strings.Join(out, comma)
}

// anything stands for what differs from one use of a phrase to the next, in the same order in both languages.
const anything = "…"

type phrasePattern struct {
	en *regexp.Regexp
	zh string
}

var phrasePatterns = sync.OnceValue(func() []phrasePattern {
	var out []phrasePattern
	for en, zh := range chinesePhrases {
		if strings.Contains(en, anything) {
			out = append(out, phrasePattern{regexp.MustCompile("(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(en), anything, "(.*)") + "$"), zh})
		}
	}
	slices.SortFunc(out, func(a, b phrasePattern) int { // the one that says more fits better
		return cmp.Or(len(b.en.String())-len(a.en.String()), strings.Compare(a.zh, b.zh))
	})
	return out
})

var chinesePhrases = map[string]string{
	// Inputs of rules.
	"slow log": "慢日志", "access log": "访问日志", "slow log and access log": "慢日志与访问日志", "performance_schema and access log": "performance_schema 与访问日志", "mysql.slow_log and access log": "mysql.slow_log 与访问日志", "host recording": "主机记录",
	"server status": "服务器状态", "server variables": "服务器变量", "sessions": "会话", "replication state": "复制状态", "table sizes": "表大小",
	"any input": "任何输入", "cache statistics": "缓存统计", "web server state": "Web 服务器状态", "web server's error log": "Web 服务器错误日志",
	"database's error log": "数据库错误日志",

	// Formats that have a name of ours.
	"index columns": "索引列", "InnoDB monitor": "InnoDB 监控", "lock waits": "锁等待", "option file": "选项文件", "process list": "进程列表",
	"replica status": "从库状态", "table columns": "表的列", "transactions": "事务", "schema": "表结构", "mysql error log": "MySQL 错误日志", "nginx error log": "Nginx 错误日志", "mysql slow log": "MySQL 慢日志", "db": "数据库", "combined": "combined 格式",

	// Why a piece of a log was skipped.
	"text before the first header":                   "第一个记录头之前的文本",
	"header without Query_time":                      "记录头缺少 Query_time",
	"the log ends before the statement":              "日志在语句之前结束",
	"Query_time is not a number":                     "Query_time 不是数字",
	"nothing but zeros":                              "只有零字节",
	"line longer than … bytes":                       "行长超过 … 字节",
	"text after the end of the log format":           "日志格式之后还有文本",
	"text after the JSON object":                     "JSON 对象之后还有文本",
	"broken JSON: no colon after a key":              "JSON 损坏：键后缺冒号",
	"broken JSON: unknown escape":                    "JSON 损坏：未知转义",
	"broken JSON: no key":                            "JSON 损坏：缺少键",
	"broken JSON: brackets do not match":             "JSON 损坏：括号不配对",
	"broken JSON: not a value":                       "JSON 损坏：不是值",
	"broken JSON: no comma between members":          "JSON 损坏：成员之间缺逗号",
	"broken JSON: a string does not end":             "JSON 损坏：字符串未结束",
	"not a byte count after the status":              "状态码之后不是字节数",
	"fewer than three labelled fields":               "带标签的字段少于三个",
	"a field without label":                          "字段没有标签",
	"no time in brackets":                            "方括号中没有时间",
	"no duration":                                    "没有耗时",
	"no path":                                        "没有路径",
	"no quoted request after the time":               "时间之后没有带引号的请求",
	"no closing quote in the request":                "请求缺少右引号",
	"no status":                                      "没有状态码",
	"no time":                                        "没有时间",
	"not a status":                                   "不是状态码",
	"not a time":                                     "不是时间",
	"not a JSON object":                              "不是 JSON 对象",
	"the JSON object does not end":                   "JSON 对象未结束",
	"does not begin as the log format says":          "开头与日志格式不符",
	"shorter than a log line":                        "比一行日志短",
	"the line ends after …":                          "行在 … 之后结束",
	"no … after …":                                   "缺少 …，应在 … 之后",
	"the line does not end with …":                   "行尾不是 …",
	"not a …":                                        "不是 …",
	"a row with a time that cannot be read":          "该行的时间无法识别",
	"a row with something that is no number":         "该行有非数字内容",
	"its stamp is not after the one before":          "时间戳不晚于前一条",
	"neither a time stamp nor part of a row":         "既非时间戳也非数据行",
	"no name and value of a variable":                "不是变量名与值",
	"no name and value of a status variable":         "不是状态变量名与值",
	"no option and value":                            "不是选项与值",
	"no message of a …":                              "不是 … 的消息",
	"another number of columns than the heading has": "列数与表头不同",

	"a table without a name":                           "表没有名字",
	"an index without a name or a place of its column": "索引没有名字或列的位置",
	"a column without a name or a type":                "列没有名字或类型",
	"more columns than any table has":                  "列数超过任何表的可能",
	"no processors of iostat":                          "不是 iostat 的处理器行",
	"no device of iostat -x":                           "不是 iostat -x 的设备行",
	"… of a device is no number":                       "设备的 … 不是数字",
	"more of one instant than a machine has":           "同一时刻的数据多于一台机器所有",
	"no column of a row":                               "行中没有该列",
	"no process with a command and %CPU":               "不是带命令与 %CPU 的进程行",
	"no row of vmstat":                                 "不是 vmstat 的数据行",

	// What readers had to decide, and what they warn of.
	"a header line may be part of a string literal; it was counted as a statement":                                                         "某个记录头可能属于字符串字面量，已按语句计数",
	"a statement is longer than 16 MiB; its text was cut there":                                                                            "有语句超过 16 MiB，文本在该处截断",
	"NUL bytes lie between records: the log was truncated while its writer went on (copytruncate), or the machine crashed":                 "记录之间有 NUL 字节：日志被截断时仍在写入（copytruncate），或机器曾崩溃",
	"reading began inside the log, and the first statements do not name their schema: it is unknown":                                       "从日志中间开始读取，最初的语句未注明库名：库未知",
	"what was appended before it was compressed may be missing: …":                                                                         "压缩之前追加的内容可能缺失：…",
	"the file that was read until byte … is gone: what was appended to it since is not counted":                                            "已读到第 … 字节的文件不见了：其后追加的内容未计入",
	"it is a copy of …: what both hold is counted twice; name one of them":                                                                 "它是 … 的副本：相同内容被计了两次，只指定其中一个",
	"read from byte … to … of …: of the rest only the times were looked at, and they lie outside of the window":                            "读取了第 … 到 … 字节（共 …）：其余只看了时间，均在窗口之外",
	"reading was stopped after … bytes":                                                                                                    "读取 … 字节后被中止",
	"reading was stopped":                                                                                                                  "读取被中止",
	"reading stopped after … bytes: …":                                                                                                     "读取 … 字节后停止：…",
	"only what fits the filter is counted (…): … of … events":                                                                              "只计入符合过滤条件（…）的事件：… / …",
	"what was recorded is added up already: it cannot be filtered by …":                                                                    "记录内容已汇总，无法按 … 过滤",
	"the files are of several machines (…) and played one after the other: analyze shows them side by side":                                "文件来自多台机器（…），依次回放；analyze 可并列展示",
	"…: damaged in … places, … bytes passed over":                                                                                          "…：… 处损坏，跳过 … 字节",
	"…: its last tick is torn and was left out":                                                                                            "…：最后一次采样不完整，已略去",
	"performance_schema counts statements without timing each: percentiles are of means over ten seconds":                                  "performance_schema 只计数，不记录每条语句的耗时：分位数来自每十秒的平均值",
	"percentiles of the queries with most time are those of performance_schema's histograms; of others they are of means over ten seconds": "耗时最多的查询的分位数来自 performance_schema 的直方图；其余查询的来自每十秒的平均值",
	"there are … kinds of statement: of … that took the least time only counts and sums are known, not their percentiles, tables or plans": "共有 … 类语句：其中耗时最少的 … 类只有次数与总和，没有分位数、表和执行计划",
	"there are more than … kinds of statement: … calls of others are told in one row":                                                      "语句超过 … 类：其余 … 次执行合并为一行",
	"there are more than … routes: …":                                                                                                      "路径超过 … 个：…",
	"there are more than … upstream addresses: …":                                                                                          "上游地址超过 … 个：…",
	"there are more than … accounts: …":                                                                                                    "账号超过 … 个：…",
	"some sizes of responses are no numbers: they count as unknown":                                                                        "部分响应大小不是数字，按未知处理",
	"some request times are no durations: they count as unknown":                                                                           "部分请求时间不是耗时，按未知处理",
	"some statuses of upstreams are none: they count as unknown":                                                                           "部分上游状态码无效，按未知处理",
	"some upstream response times are no durations: they count as unknown":                                                                 "部分上游响应时间不是耗时，按未知处理",
	"some upstream connect times are no durations: they count as unknown":                                                                  "部分上游连接时间不是耗时，按未知处理",
	"some upstream header times are no durations: they count as unknown":                                                                   "部分上游首包时间不是耗时，按未知处理",
	"some requests have more than … attempts: the last has the time of all further ones":                                                   "部分请求的尝试超过 … 次：其余时间计入最后一次",
	"neither the text nor the name of the file says when this was: it is on no time axis":                                                  "文本与文件名都未注明时间：不在时间轴上",
	"neither the text nor the name of the file says when this was":                                                                         "文本与文件名都未注明时间",
	"neither the text nor the name of the file says which day this was: it is on no time axis":                                             "文本与文件名都未注明日期：不在时间轴上",
	"the instant is taken from when the file was last written":                                                                             "时间取自文件最后修改时间",
	"the day is taken from when the file was last written":                                                                                 "日期取自文件最后修改时间",
	"there are more rows than a day has seconds: the last are left out":                                                                    "行数超过一天的秒数：略去末尾部分",
	"it holds only the means since the boot: give an interval, as in vmstat 1 and iostat -x 1":                                             "只有自启动以来的平均值：请给出间隔，如 vmstat 1 与 iostat -x 1",
	"nothing says when this was: it is on no time axis; vmstat -t and iostat -t write the time":                                            "没有任何时间信息：不在时间轴上；vmstat -t 与 iostat -t 会写出时间",
	"nothing says when this was: it is on no time axis":                                                                                    "没有任何时间信息：不在时间轴上",
	"without times in the text the last row is taken to be of when the file was written, the others of a second each before it":            "文本中没有时间：最后一行取文件修改时间，其余依次向前每行一秒",
	"more than … tables: the rest is left out":                                                                                             "表超过 … 张：其余略去",
	"its … samples carry no time: they are taken to be a second apart from the time in the file's name on":                                 "其 … 个样本没有时间：从文件名中的时间起按每秒一个处理",
	"times are local and the zone is not told: they are taken as UTC; sadf -jU writes UTC":                                                 "时间为本地时间且未注明时区：按 UTC 处理；sadf -jU 输出 UTC",
	"sadf stopped before the end of the file":                                                                                              "sadf 在文件结束前停止",
	"more than … upstreams: the rest is counted with the whole only":                                                                       "上游超过 … 个：其余只计入总数",
	"no …: …": "缺少 …：…",
	"without time stamps it has one instant, and rates need two: put date +'TS %s.%N %F %T' before each": "没有时间戳则只有一个时刻，而速率需要两个：在每次之前加 date +'TS %s.%N %F %T'",
	"it includes other files, which are read only when they are named: …":                                "它包含其他文件，需指定后才会读取：…",

	// Why an input could not be read.
	"the compressed data is cut short":          "压缩数据被截断",
	"the file became shorter while it was read": "文件在读取时变短",
	"the format is not known":                   "格式未知",
	"permission denied":                         "没有权限",
	"no such file or directory":                 "文件或目录不存在",
	"after … bytes: …":                          "… 字节之后：…",
}
