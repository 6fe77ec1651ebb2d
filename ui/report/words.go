package report

import "strings"

// Word returns the report's own word in a language. English is the key; a word without a
// translation stays English.
func Word(lang, en string) string {
	if strings.HasPrefix(lang, "zh") {
		if zh, ok := chinese[en]; ok {
			return zh
		}
	}
	return en
}

var chinese = map[string]string{
	// Labels of the verdict.
	"VERDICT": "结论", "SINCE": "始于", "WHY": "依据", "RULED OUT": "已排除", "UNKNOWN": "未知", "SUSPECTS": "嫌疑",
	"confidence": "可信度", "HIGH": "高", "MEDIUM": "中", "LOW": "低",
	"Since": "始于", "Confidence": "可信度", "Ruled out": "已排除", "Unknown": "未知", "Suspects": "嫌疑",
	"HEALTHY: no layer holds the system back": "健康：没有哪一层拖慢系统",
	"NOT ENOUGH DATA for a verdict":           "数据不足，无法下结论",
	"TWO SUSPECTS":                            "两个嫌疑",
	"or":                                      "或",
	"is at fault":                             "有问题",
	"UNDECIDED":                               "未定",
	"seen in":                                 "表现在",
	"all along, or not known":                 "一直如此，或未知",
	"VERDICT IN FULL":                         "结论全文",
	"of the time":                             "的时间",

	// Layers.
	"client": "客户端", "web": "Web 层", "app": "应用", "cache": "缓存", "database": "数据库", "host": "主机", "none": "无", "unknown": "未知",
	appAndBelow: "应用及以下", webAndBelow: "Web 层及以下",

	// Sections.
	"WHERE REQUEST TIME GOES": "请求时间去向", "Where request time goes": "请求时间去向",
	"DO NEXT": "下一步", "Do next": "下一步",
	"FINDINGS": "发现", "Findings": "发现",
	"TOP QUERIES": "最耗时的语句", "Top queries": "最耗时的语句",
	"ENDPOINTS": "接口", "Endpoints": "接口",
	"UPSTREAM PEERS": "上游节点", "Upstream peers": "上游节点",
	"WORKLOAD": "负载类型", "Workload": "负载类型",
	"OVER TIME": "随时间变化", "Over time": "随时间变化",
	"SOURCES": "数据来源", "Sources": "数据来源",
	"NOT JUDGED": "未能判断", "Not judged": "未能判断",
	"Diagnosis": "诊断",

	// Findings.
	"CRIT": "严重", "WARN": "警告", "INFO": "信息", "critical": "严重", "warning": "警告", "info": "信息",
	"for": "支持", "against": "反对", "limit": "界限", "do": "做", "expect": "预期", "risk": "风险", "undo": "撤销", "verify": "验证",
	"held": "暂缓", "because of": "起因", "provisional": "暂定",
	"Do": "做", "Expect": "预期", "Risk": "风险", "Undo": "撤销", "Verify": "验证", "Held": "暂缓", "Because of": "起因", "Evidence": "证据",
	"No rule found anything.": "没有规则命中。", "more; -f json lists all": "条未列出；-f json 列出全部",
	"Provide": "提供", "rules": "条规则", "rule": "规则",
	"layer": "层", "per request": "每个请求", "change": "变化", "before": "之前", "now": "现在",
	"Nothing: no rule asks for a change.": "无：没有规则要求改动。",
	"To know more: ":                      "若要知道更多：",

	// Columns.
	"device": "设备", "mount": "文件系统", "interface": "网卡", "process": "进程",
	"RULES": "规则", "overrides in force": "自定义规则生效",
	"share": "占比", "total": "总时间", "calls": "次数", "mean": "平均", "kind": "类型", "query": "语句", "id": "编号",
	"requests": "请求", "route": "路径", "upstream": "上游", "retries": "重试", "attempts": "尝试", "failed": "失败", "address": "地址",
	"table": "表", "reads": "读", "writes": "写", "class": "类型", "time": "时间", "measure": "量", "value": "值", "window": "窗口", "source": "来源",
	"connect": "连接", "exam/sent": "扫描/返回", "file": "文件", "format": "格式", "role": "角色", "events": "事件", "skipped": "跳过", "severity": "级别", "finding": "发现",
	"read": "读", "write": "写", "other": "其他", "from": "自", "to": "至", "confidence ": "可信度",
	"read-heavy": "读多写少", "write-heavy": "写多读少", "balanced": "读写均衡",

	// Curves.
	"requests/s": "请求/秒", "request time": "请求时间", "queries at once": "数据库并发", "statements/s": "语句/秒", "errors": "错误", "application time": "应用时间", "database time per request": "每请求数据库时间", "statements per request": "每请求语句数", "query time": "语句时间", "5xx/s": "5xx/秒", "peak": "峰值",
	"shaded": "阴影为", "one cell is": "每格", "onset": "起点",

	// Sentences.
	"Statements took more time than requests waited for: some serve other programs.": "语句总耗时超过请求等待的时间：部分语句来自其他程序。",
	"No file was read.": "没有读取任何文件。",
	"No access log was read: what requests wait for is not known.":                    "没有读取访问日志：不知道请求在等什么。",
	"The access log carries no durations: what requests wait for is not known.":       "访问日志没有耗时：不知道请求在等什么。",
	"Statements took %s in these %s: %s at once.":                                     "语句共用 %s，历时 %s，平均同时 %s 条。",
	"No request was taken in: what requests wait for is not known.":                   "没有计入任何请求：不知道请求在等什么。",
	"Nothing was logged since the run before, which had read all there is (--state).": "上次运行（--state）之后没有新的记录。",
	"Nothing in the logs is in %s.":                                                   "日志中没有符合 %s 的事件。",
	"Nothing of %s events is in %s.":                                                  "%s 个事件中没有符合 %s 的。",
	" The logs cover %s UTC.":                                                         "日志覆盖 %s UTC。",
	"exam/sent: rows examined for each row sent, or by each call where none is sent.": "扫描/返回：每返回一行扫描的行数；不返回行的语句为每次调用（/call）扫描的行数。",
	"not read":      "未读取",
	"nothing in it": "没有内容",
	"Take in more events: widen what was asked for, leave it out, or wait until more is logged.": "计入更多事件：放宽或去掉筛选条件，或等有新记录。",
	"routes": "个路径", "peers": "个节点", "coverage": "覆盖", "Rules": "规则", "Missing": "缺少",
	"of the statements in the slow log": "仅统计慢日志中的语句",
	"shown":                             "列出",
	"of":                                "/",
	"shapes":                            "类",
	"line":                              "行",
	"at byte":                           "字节",
	"requests with a duration":          "记录耗时的请求",
	"with an upstream field":            "记录上游时间的请求",
	"shortest statement":                "最短语句",
	"tables unknown for":                "表未知的语句",
	"busiest minute":                    "最忙的一分钟",
	"slowest statement":                 "最慢的语句",
	"Evidence and advice of the other findings": "其他发现的证据与建议",
	"Full text of the queries":                  "语句全文",
	"Skipped lines and warnings":                "跳过的行与警告",
	"no instants known":                         "时间未知",
}
