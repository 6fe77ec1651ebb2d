package ui

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/report"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

func mysqlPanels(v *view) []panel {
	host, ok := v.host("db")
	if !ok && len(v.latest("db")) == 0 {
		panels := []panel{{name: "MYSQL", text: v.noServer, least: 5}}
		if v.server != "" {
			panels[0].note = v.serverNote(host)
			panels = slices.Insert(panels, 0, panel{text: v.serverList, least: 2})
		}
		own := v.on(v.server)
		if own.report.Digest.Statements.Count > 0 {
			panels = append(panels, panel{name: "WORKLOAD", note: "of the " + own.statementSource(), text: own.workloadText, least: 2, yield: 1})
		}
		return append(panels, panel{name: "TABLES", table: own.tableTable(), search: true, least: 3, yield: 2})
	}
	waits := v.waitTable()
	gauges, tree, yield := 6, 2, 3
	if len(v.silentServers(v.width)) > 0 {
		gauges = 4
	}
	if n := len(waits.Rows); n > 0 { // who waits for whom matters more than any gauge
		gauges, tree, yield = 4, min(n+2, max(v.height*2/5, 5)), 1
	}
	panels := []panel{
		{text: v.silentServers, most: v.tall(4, 10), least: 2},
		{name: "MYSQL", note: v.serverNote(host), column: left, table: v.gaugeTable(host, "db", serverGauges, "No figures in this window."), least: gauges, yield: 2},
		{name: "STATE", column: right, text: func(width int) []widget.Line { return v.serverText(host, width) }, most: v.tall(4, 16), least: 2, yield: 4},
		{name: "WAITS", note: "who holds up whom", column: right, table: waits, most: max(v.tall(5, 14), tree), least: tree, yield: yield, open: v.openSession},
		{name: "SESSIONS", note: v.sessionNote(), table: v.sessionTable(), search: true, most: v.tall(7, 24), least: 4, yield: 5, open: v.openSession},
	}
	if v.server != "" {
		panels = slices.Insert(panels, 0, panel{text: v.serverList, least: 2})
	}
	if v.height >= tallFrom {
		panels = slices.Insert(panels, len(panels)-1, panel{name: "TABLES", note: "rows a second", column: right, table: v.tableUse(host), search: true, most: 9, least: 3, yield: 6})
	}
	return panels
}

// serverGauges are what says what a server does and waits for.
var serverGauges = []gaugeRow{
	{label: "questions", name: "Questions", unit: "per_s", counter: true},
	{label: "selects", name: "Com_select", unit: "per_s", counter: true},
	{label: "inserts", name: "Com_insert", unit: "per_s", counter: true},
	{label: "updates", name: "Com_update", unit: "per_s", counter: true},
	{label: "deletes", name: "Com_delete", unit: "per_s", counter: true},
	{label: "commits", name: "Com_commit", unit: "per_s", counter: true},
	{label: "threads run", name: "mysql.status.Threads_running", unit: "count"},
	{label: "connected", name: "mysql.status.Threads_connected", unit: "count"},
	{label: "new conns", name: "Connections", unit: "per_s", counter: true},
	{label: "conn errors", name: "Aborted_connects", unit: "per_s", counter: true, warn: 0.1},
	{label: "aborted", name: "Aborted_clients", unit: "per_s", counter: true, warn: 0.1},
	{label: "rows read", name: "Innodb_rows_read", unit: "per_s", counter: true},
	{label: "next rows", name: "Handler_read_rnd_next", unit: "per_s", counter: true},
	{label: "full scans", name: "Select_scan", unit: "per_s", counter: true},
	{label: "full joins", name: "Select_full_join", unit: "per_s", counter: true},
	{label: "pool reads", name: "Innodb_buffer_pool_reads", unit: "per_s", counter: true},
	{label: "pool asked", name: "Innodb_buffer_pool_read_requests", unit: "per_s", counter: true},
	{label: "pool waits", name: "Innodb_buffer_pool_wait_free", unit: "per_s", counter: true, warn: 0.1},
	{label: "redo written", name: "Innodb_os_log_written", unit: "bytes_per_s", counter: true},
	{label: "redo waits", name: "Innodb_log_waits", unit: "per_s", counter: true, warn: 0.1},
	{label: "fsyncs", name: "Innodb_data_fsyncs", unit: "per_s", counter: true},
	{label: "row lock", name: "Innodb_row_lock_time", unit: "count", counter: true, scale: 0.001},
	{label: "lock waits", name: "Innodb_row_lock_waits", unit: "per_s", counter: true},
	{label: "table waits", name: "Table_locks_waited", unit: "per_s", counter: true, warn: 0.1},
	{label: "history", name: "mysql.status.Innodb_history_list_length", unit: "count"},
	{label: "tmp tables", name: "Created_tmp_tables", unit: "per_s", counter: true},
	{label: "tmp on disk", name: "Created_tmp_disk_tables", unit: "per_s", counter: true},
	{label: "sort merges", name: "Sort_merge_passes", unit: "per_s", counter: true},
	{label: "sent", name: "Bytes_sent", unit: "bytes_per_s", counter: true},
	{label: "received", name: "Bytes_received", unit: "bytes_per_s", counter: true},
	{label: "trx waiting", name: "transactions.waiting", unit: "count", warn: 1},
	{label: "trx idle", name: "transactions.idle_age", unit: "s", warn: 10},
	{label: "replica lag", name: "replica.lag", unit: "s", warn: 5},
}

// noServer says why there are no figures of a server, and how one is read.
func (v *view) noServer(width int) []widget.Line {
	if out := v.silentServers(width); len(out) > 0 {
		return out
	}
	text := "No figures of a server: run dbtriage live with --mysql user@host or --defaults-file, or give what pt-stalk or mysqladmin ext -i1 recorded."
	switch v.state.Mode {
	case session.Live:
		text = "No server is read: start dbtriage live with --mysql user@host or --defaults-file FILE; dbtriage discover lists the servers of this host."
		if slices.ContainsFunc(v.state.Sources, func(s session.SourceState) bool { return s.Kind == "mysql" }) {
			text = "The server has given no figures yet."
		}
	case session.Replay:
		text = "No figures of a server were recorded: record with --mysql user@host or --defaults-file FILE."
	}
	return v.style.Paragraph(" ", widget.Plain, text, widget.Plain, width)
}

// silentServers says of each server that gives no figures why, since when, and what would help.
func (v *view) silentServers(width int) []widget.Line {
	var out []widget.Line
	if v.state.Look.Cursor != collectors.NoTime { // sources are known as they are now
		return nil
	}
	for _, s := range v.state.Sources {
		if s.Kind != "mysql" || s.State == "ok" {
			continue
		}
		text := strings.ToUpper(s.State)
		if at := v.silentSince(s); at > 0 {
			text += " since " + instant(at).Format("15:04:05")
		}
		text += ": " + s.Name
		if s.Why != "" {
			_, where, _ := strings.Cut(s.Name, " ")
			text += ": " + strings.TrimPrefix(s.Why, where+": ")
		}
		out = append(out, v.style.Paragraph(" ", widget.Plain, text, sourceRoles[s.State], width)...)
		if s.Provide != "" {
			out = append(out, v.style.Paragraph(" ", widget.Plain, "do: "+s.Provide, widget.Plain, width)...)
		}
	}
	return out
}

// silentSince is when a source stopped to answer; 0 when it never did.
func (v *view) silentSince(s session.SourceState) int64 {
	for _, e := range slices.Backward(v.state.Events) {
		if e.Kind == "gap" && strings.HasPrefix(e.Text, s.Name+" is ") {
			return e.At
		}
	}
	return max(s.LastAt, 0)
}

func (v *view) workloadText(width int) []widget.Line {
	return v.style.Paragraph(" ", widget.Plain, report.WorkloadLine(v.report, v.options.Lang), widget.Plain, width)
}

func (v *view) serverNote(host string) string {
	var out []string
	if v.server != "" {
		out = append(out, v.server, v.serverPlace())
	} else if name := v.serverName(host); name != "" {
		out = append(out, name)
	}
	if e := v.engine(); e.Name != "" {
		out = append(out, fmt.Sprintf("%s %d.%d.%d", e.Name, e.Version[0], e.Version[1], e.Version[2]))
	}
	if up, ok := v.status(host, "Uptime"); ok {
		out = append(out, "up "+show.Duration(up*1e6))
	}
	if text := v.judgedAt(); text != "" {
		out = append(out, "means "+text)
	}
	return strings.Join(out, ", ")
}

// serverText is what follows from several numbers: ratios, shares of limits, replication.
func (v *view) serverText(host string, width int) []widget.Line {
	var out []widget.Line
	add := func(label, text string) {
		out = append(out, v.style.Paragraph(" "+show.Left(label, 12), widget.Faint, text, widget.Plain, width)...)
	}
	reads, okR := v.rate(host, "Com_select")
	var writes float64
	okW := false
	for _, name := range []string{"Com_insert", "Com_update", "Com_delete", "Com_replace"} {
		if g, ok := v.rate(host, name); ok {
			writes += g.mean
			okW = true
		}
	}
	if okR && okW && writes > 0 {
		add("read:write", show.Short(reads.mean/writes)+":1")
	}
	miss, okM := v.rate(host, "Innodb_buffer_pool_reads")
	asked, okA := v.rate(host, "Innodb_buffer_pool_read_requests")
	if okM && okA && asked.mean > 0 {
		add("buffer pool", show.Share(1-miss.mean/asked.mean)+" of the pages asked for were in memory")
	}
	if limit, ok := v.setting("max_connections"); ok {
		if n, ok := v.status(host, "Threads_connected"); ok {
			add("connections", show.Short(n)+" of "+show.Short(limit)+" ("+show.Share(n/limit)+")")
		}
	}
	disk, okD := v.rate(host, "Created_tmp_disk_tables")
	tmp, okT := v.rate(host, "Created_tmp_tables")
	if okD && okT && tmp.mean > 0 {
		add("temporary", show.Share(disk.mean/tmp.mean)+" of the temporary tables went to disk")
	}
	if size, ok := v.setting("innodb_buffer_pool_size"); ok {
		add("pool size", show.Size(int64(size)))
	}
	if source := v.settings()[collectors.ReplicaSource]; source != "" {
		add("follows", source)
	}
	if replicas := v.replicas(); len(replicas) > 0 {
		add("replicas", strconv.Itoa(len(replicas))+": "+strings.Join(replicas, ", "))
	}
	if g, ok := v.gauge(host, "db", "replica.configured", ""); ok && g.now > 0 {
		lag := show.NoValue
		if g, ok := v.gauge(host, "db", "replica.lag", ""); ok && !math.IsNaN(g.now) {
			lag = show.Duration(g.now * 1e6)
		}
		threads := "both threads run"
		for _, name := range []string{"replica.io_running", "replica.sql_running"} {
			if g, ok := v.gauge(host, "db", name, ""); ok && g.now < 1 {
				threads = name + " is not running"
			}
		}
		add("replica", "lag "+lag+", "+threads)
	}
	if g, ok := v.gauge(host, "db", "replica.connected", ""); ok && g.now > 0 {
		add("replicas", show.Short(g.now)+" read its binary log")
	}
	for _, f := range v.report.Findings {
		if f.Server != "" && f.Server != v.server {
			continue
		}
		if f.Layer == rules.LayerDatabase && f.Subject.Kind != "query" && f.Severity.Rank() >= rules.Warning.Rank() {
			word, role := severity(f.Severity)
			out = append(out, v.style.Paragraph(" "+show.Left(word, 12), role, titleOn(f), widget.Plain, width)...)
		}
	}
	return out
}

func (v *view) setting(name string) (float64, bool) {
	f, err := strconv.ParseFloat(v.settings()[name], 64)
	return f, err == nil && f > 0
}

func (v *view) switchedOn(name string) bool {
	text := v.settings()[name]
	return strings.EqualFold(text, "ON") || text == "1"
}

// replicas are the machines that read the server's binary log.
func (v *view) replicas() []string {
	var out []string
	for _, s := range v.sessions() {
		if strings.HasPrefix(s.Command, "Binlog Dump") {
			host, _, _ := strings.Cut(s.Client, ":")
			out = append(out, host)
		}
	}
	slices.Sort(out)
	return out
}

func (v *view) sessions() []collectors.Session {
	var out []collectors.Session
	for _, r := range v.latest("db") {
		out = append(out, r.Sessions...)
	}
	return out
}

func (v *view) waits() []collectors.Wait {
	var out []collectors.Wait
	for _, r := range v.latest("db") {
		out = append(out, r.Waits...)
	}
	return out
}

func (v *view) sessionNote() string {
	all := v.sessions()
	sleeping := 0
	for _, s := range all {
		if s.Command == "Sleep" {
			sleeping++
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "sleeping " + strconv.Itoa(sleeping) + " of " + strconv.Itoa(len(all))
}

// statementOf is a statement as it may be shown: without its literals unless samples were asked for.
func (v *view) statementOf(sql string) string {
	if sql == "" || v.options.Samples {
		return sql
	}
	return fingerprint(sql)
}

func (v *view) sessionTable() *widget.Table {
	t := &widget.Table{Empty: v.noSessions(), Columns: []widget.Column{
		{Name: "id", Width: 7, Right: true, Help: "connection id"},
		{Name: "time", Width: 7, Right: true, Help: "time in this state"},
		{Name: "trx", Width: 7, Right: true, Priority: 4, Help: "age of its open transaction; -- without one"},
		{Name: "user", Width: 10, Priority: 3},
		{Name: "client", Width: 15, Priority: 6},
		{Name: "database", Width: 10, Priority: 5},
		{Name: "command", Width: 8, Priority: 2},
		{Name: "examined", Width: 8, Right: true, Priority: 7, Help: "rows its statement has examined so far"},
		{Name: "state", Width: 14, Priority: 1},
		{Name: "statement", Width: 12, Flex: true, Help: "without literals; --samples shows them"},
	}}
	sessions := slices.Clone(v.sessions())
	for _, s := range sessions {
		by := float64(s.TimeUS)
		if s.Command == "Sleep" && s.TransactionUS < 0 {
			by -= 1e15 // those that only wait for work come last
		}
		role := widget.Plain
		if s.Command == "Sleep" && s.TransactionUS > 10e6 {
			role = widget.Warn
		}
		statement := v.statementOf(s.SQL)
		t.Rows = append(t.Rows, widget.Row{Key: strconv.FormatInt(s.ID, 10), Copy: statement, Cells: []widget.Cell{
			widget.Number(strconv.FormatInt(s.ID, 10), float64(s.ID)), widget.Number(show.Duration(float64(s.TimeUS)), by),
			unknownOr(float64(s.TransactionUS), show.Duration).In(role), widget.Name(s.User), widget.Name(s.Client), widget.Name(s.Database), widget.Name(s.Command),
			unknownOr(float64(s.RowsExamined), show.Short), widget.Name(s.State), widget.Name(statement),
		}})
	}
	t.Rows = t.Sorted("time", false)
	return t
}

func (v *view) noSessions() string {
	if _, ok := v.host("db"); ok {
		if v.state.Mode == session.Live && len(v.latest("db")) == 0 {
			return "The server does not say now who is connected."
		}
		if v.state.Mode == session.Live {
			return "Nobody else is connected, or their sessions may not be seen: ! says which."
		}
		return "The process list was not recorded at this instant."
	}
	return "No server is read."
}

// waitTable is the blocker tree: who blocks stands above those that wait for it.
func (v *view) waitTable() *widget.Table {
	t := &widget.Table{Empty: "Nobody waits for a lock.", Columns: []widget.Column{
		{Name: "session", Width: 14, Help: "id of the connection; those indented wait for the one above"},
		{Name: "waits", Width: 7, Right: true, Help: "for how long"},
		{Name: "lock", Width: 8, Priority: 3, Help: "row, metadata or table"},
		{Name: "on", Width: 16, Priority: 2, Help: "table and index"},
		{Name: "statement", Width: 12, Flex: true, Priority: 1, Help: "that waits, or that holds the lock; without one the holder is idle in its transaction"},
	}}
	if len(v.latest("db")) == 0 {
		t.Empty = "Lock waits were not recorded at this instant."
		if v.state.Mode == session.Live {
			t.Empty = "The server does not say now who waits for whom."
		}
	}
	waits := v.waits()
	byID := map[int64]collectors.Session{}
	for _, s := range v.sessions() {
		byID[s.ID] = s
	}
	children := map[int64][]collectors.Wait{}
	waiting := map[int64]bool{}
	for _, w := range waits {
		children[w.Blocking] = append(children[w.Blocking], w)
		waiting[w.Waiting] = true
	}
	var roots []int64
	for _, w := range waits {
		if !waiting[w.Blocking] && !slices.Contains(roots, w.Blocking) {
			roots = append(roots, w.Blocking)
		}
	}
	held := map[int64]int{} // how many sessions wait because of it, at any remove
	trees := map[int64]waitTree{}
	reached := map[int64]bool{}
	grow := func(id int64) {
		trees[id] = treeOf(children, id)
		for _, kids := range trees[id] {
			for _, w := range kids {
				reached[w.Waiting] = true
				held[id]++
			}
		}
	}
	for _, id := range roots {
		grow(id)
	}
	for _, w := range waits { // those that wait in a circle
		if !reached[w.Waiting] {
			roots = append(roots, w.Blocking)
			grow(w.Blocking)
		}
	}
	rank := func(id int64) int {
		switch s, known := byID[id]; {
		case id == 0: // who blocks is not known: there is nothing to be done about it
			return 2
		case known && s.SQL == "": // it does not even work
			return 0
		}
		return 1
	}
	slices.SortFunc(roots, func(a, b int64) int {
		return cmp.Or(cmp.Compare(rank(a)/2, rank(b)/2), cmp.Compare(held[b], held[a]), cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	var add func(root, id int64, w *collectors.Wait, depth int)
	add = func(root, id int64, w *collectors.Wait, depth int) {
		s, known := byID[id]
		label := strings.Repeat("  ", min(depth, 4)) + strconv.FormatInt(id, 10)
		if id == 0 {
			label = "not known"
		}
		statement := v.statementOf(s.SQL)
		if known && s.SQL == "" {
			statement = "idle, transaction open for " + unknownOr(float64(s.TransactionUS), show.Duration).Text
		}
		role := widget.Plain
		cells := []widget.Cell{{}, {}, {}, {}, widget.Name(statement)}
		if w == nil {
			role = widget.Crit
			cells[1], cells[3] = widget.Name("BLOCKS"), widget.Name(strconv.Itoa(held[id])+" wait for it")
		} else {
			cells[1] = widget.Name(show.Duration(float64(w.WaitUS)))
			cells[2] = widget.Name(w.Kind)
			cells[3] = widget.Name(strings.TrimSpace(w.Object + " " + w.Index))
		}
		cells[0] = widget.Name(label).In(role)
		t.Rows = append(t.Rows, widget.Row{Key: strconv.FormatInt(id, 10), Copy: statement, Cells: cells})
		if id == root && w != nil { // the circle is closed
			return
		}
		for _, kid := range trees[root][id] {
			if len(t.Rows) < 200 {
				add(root, kid.Waiting, &kid, depth+1)
			}
		}
	}
	for _, id := range roots {
		add(id, id, nil, 0)
	}
	return t
}

// A waitTree is who waits for whom below one session, each session once.
type waitTree map[int64][]collectors.Wait

// treeOf puts each session that a root holds up below the one nearest to the root that it waits for: a
// server names all those ahead of it in the queue for a lock.
func treeOf(children map[int64][]collectors.Wait, root int64) waitTree {
	tree := waitTree{}
	placed := map[int64]bool{}
	for queue := []int64{root}; len(queue) > 0; queue = queue[1:] {
		for _, w := range children[queue[0]] {
			if !placed[w.Waiting] {
				placed[w.Waiting] = true
				tree[queue[0]] = append(tree[queue[0]], w)
				if w.Waiting != root {
					queue = append(queue, w.Waiting)
				}
			}
		}
	}
	return tree
}

func (v *view) openSession(key string) *page {
	for _, s := range v.sessions() {
		if strconv.FormatInt(s.ID, 10) != key {
			continue
		}
		statement := v.statementOf(s.SQL)
		return &page{title: "SESSION " + key, copy: statement, text: func(width int) []widget.Line {
			var out []widget.Line
			for _, l := range []struct{ label, text string }{
				{"user", s.User + " from " + s.Client}, {"database", s.Database}, {"command", s.Command + " " + s.State + " for " + show.Duration(float64(s.TimeUS))},
				{"transaction", unknownOr(float64(s.TransactionUS), show.Duration).Text}, {"examined", unknownOr(float64(s.RowsExamined), show.Short).Text + " rows"},
				{"statement", statement},
			} {
				out = append(out, v.style.Paragraph(" "+show.Left(l.label, 12), widget.Faint, l.text, widget.Plain, width)...)
			}
			for _, w := range v.waits() {
				if w.Waiting == s.ID {
					out = append(out, v.style.Paragraph(" "+show.Left("waits for", 12), widget.Warn, strconv.FormatInt(w.Blocking, 10)+", a "+w.Kind+" lock on "+w.Object+" "+w.Index+" "+w.Mode+", since "+show.Duration(float64(w.WaitUS)), widget.Plain, width)...)
				}
				if w.Blocking == s.ID {
					out = append(out, v.style.Paragraph(" "+show.Left("holds up", 12), widget.Warn, strconv.FormatInt(w.Waiting, 10)+" on "+w.Object+" "+w.Index, widget.Plain, width)...)
				}
			}
			return out
		}}
	}
	return nil
}
