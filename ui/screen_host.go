package ui

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

func hostPanels(v *view) []panel {
	host, ok := v.host("host")
	if !ok && len(v.latest("host")) == 0 {
		return []panel{{name: "HOST", text: func(width int) []widget.Line {
			return v.style.Paragraph(" ", widget.Plain, "No figures of a host: give what sar recorded (sadf -j FILE -- -A), or run dbtriage live on the machine itself.", widget.Plain, width)
		}}}
	}
	if v.table {
		return []panel{
			{name: "HOST " + host, note: "one line a sample; v shows curves", table: v.sarTable(host), least: 6},
			{name: "PROCESSES", note: v.processNote(), table: v.processTable(host), search: true, most: v.tall(6, 14), least: 3, yield: 2, open: v.openProcess},
		}
	}
	return []panel{
		{name: "HOST " + host, note: v.hostNote(host), column: left, table: v.gaugeTable(host, "host", hostGauges, "NO FIGURES"), least: 6, yield: 1},
		{name: "CORES", column: left, wide: v.height < tallFrom, table: v.coreTable(host), most: 14, least: 3, yield: 6},
		{name: "DISKS", column: right, table: v.diskTable(host), most: v.tall(5, 10), least: 3, yield: 3, search: true},
		{name: "NETWORK", column: right, table: v.netTable(host), most: v.tall(4, 8), least: 3, yield: 5, search: true},
		{name: "FILESYSTEMS", column: right, wide: v.height < tallFrom, table: v.filesystemTable(host), most: 8, least: 3, yield: 7, search: true},
		{name: "PROCESSES", note: v.processNote(), table: v.processTable(host), search: true, most: v.tall(6, 24), least: 3, yield: 4, open: v.openProcess},
	}
}

// A gaugeRow is one line of a table of gauges.
type gaugeRow struct {
	label, name, unit string
	scale             float64 // what values are multiplied by; 0 is 1
	warn              float64 // from which a mean is marked; 0 for none
	counter           bool    // a cumulative status variable, shown as growth per second
}

// hostGauges are what says whether a machine is short of something. The marks are where reading on
// pays: rules judge with limits of their own.
var hostGauges = []gaugeRow{
	{label: "cpu user", name: "cpu.user", unit: "share", warn: 0.7},
	{label: "cpu system", name: "cpu.system", unit: "share", warn: 0.3},
	{label: "cpu iowait", name: "cpu.iowait", unit: "share", warn: 0.2},
	{label: "cpu steal", name: "cpu.steal", unit: "share", warn: 0.05},
	{label: "cpu throttled", name: "cpu.throttled", unit: "share", warn: 0.05},
	{label: "run queue", name: "cpu.run_queue", unit: "count"},
	{label: "blocked", name: "cpu.blocked", unit: "count"},
	{label: "load 1m", name: "cpu.load1", unit: "count"},
	{label: "switches", name: "cpu.context_switches", unit: "per_s"},
	{label: "PSI cpu some", name: "psi.cpu.some", unit: "share", warn: 0.2},
	{label: "PSI mem some", name: "psi.memory.some", unit: "share", warn: 0.05},
	{label: "PSI mem full", name: "psi.memory.full", unit: "share", warn: 0.02},
	{label: "PSI io some", name: "psi.io.some", unit: "share", warn: 0.2},
	{label: "PSI io full", name: "psi.io.full", unit: "share", warn: 0.1},
	{label: "mem available", name: "mem.available", unit: "bytes"},
	{label: "mem cached", name: "mem.cached", unit: "bytes"},
	{label: "mem dirty", name: "mem.dirty", unit: "bytes"},
	{label: "swap in", name: "mem.swap_in", unit: "bytes_per_s", warn: 1},
	{label: "swap out", name: "mem.swap_out", unit: "bytes_per_s", warn: 1},
	{label: "tcp resent", name: "tcp.retransmits", unit: "per_s"},
	{label: "tcp overflows", name: "tcp.listen_overflows", unit: "per_s", warn: 0.01},
	{label: "time_wait", name: "tcp.time_wait", unit: "count"},
	{label: "established", name: "tcp.established", unit: "count"},
	{label: "open files", name: "limit.files_used", unit: "count"},
}

func (v *view) gaugeTable(host, role string, rows []gaugeRow, empty string) *widget.Table {
	spark := 24
	if v.width >= 120 && v.width < wideFrom {
		spark = 48
	}
	t := &widget.Table{Empty: empty, Columns: []widget.Column{
		{Name: "what", Width: 14},
		{Name: "now", Width: 10, Right: true, Help: "at the cursor"},
		{Name: "mean", Width: 10, Right: true, Priority: 1, Help: "of the window"},
		{Name: "most", Width: 10, Right: true, Priority: 2, Help: "of the window"},
		{Name: "over time", Width: spark, Flex: true, Priority: 3, Help: "the window up to the cursor, from zero to its own peak"},
	}}
	for _, r := range rows {
		var g gauge
		var ok bool
		if r.counter {
			g, ok = v.rate(host, r.name)
		} else {
			g, ok = v.gauge(host, role, r.name, "")
		}
		if !ok {
			continue
		}
		t.Rows = append(t.Rows, widget.Row{Key: r.label, Cells: v.gaugeCells(r, g, v.curveWidth(spark))})
	}
	for _, r := range rows {
		if help := meaning(r.name); help != "" {
			t.Columns[0].Help += r.label + ": " + help + ". "
		}
	}
	return t
}

// curveWidth is how many points fill the last, flexible column of a table of gauges.
func (v *view) curveWidth(least int) int {
	w := v.width
	if v.width >= wideFrom {
		w = v.width * 3 / 5
	}
	return min(max(w-50, least), 90)
}

func (v *view) gaugeCells(r gaugeRow, g gauge, spark int) []widget.Cell {
	value := func(f float64) widget.Cell {
		if math.IsNaN(f) {
			return widget.Name(show.NoValue)
		}
		if r.scale != 0 {
			f *= r.scale
		}
		return widget.Number(show.Measure(&f, r.unit), f)
	}
	mean := value(g.mean)
	name := widget.Name(r.label)
	if r.warn > 0 && g.mean >= r.warn {
		mean, name = mean.In(widget.Warn), name.In(widget.Warn)
		mean.Text = "!" + mean.Text
	}
	return []widget.Cell{name, value(g.now), mean, value(g.max), widget.Name(widget.Spark(v.axis(spark).curve(g.points), v.style.ASCII)).In(widget.Curve)}
}

// meaning is what the table of metrics says of a name.
func meaning(name string) string {
	m, ok := collectors.MetricNamed(name)
	if !ok {
		return ""
	}
	return m.Meaning
}

func (v *view) hostNote(host string) string {
	var out []string
	if g, ok := v.gauge(host, "host", "cpu.cores", ""); ok && !math.IsNaN(g.now) {
		out = append(out, show.Short(g.now)+" cores")
	} else if n := len(v.instances(host, "host", "cpu.user")); n > 0 {
		out = append(out, strconv.Itoa(n)+" cores")
	}
	if g, ok := v.gauge(host, "host", "mem.total", ""); ok && !math.IsNaN(g.now) {
		out = append(out, show.Size(int64(g.now)))
	}
	if text := v.judgedAt(); text != "" {
		out = append(out, "means "+text)
	}
	return strings.Join(append(out, "v shows a table like sar"), ", ")
}

// sarColumns are the columns of the table like sar.
var sarColumns = []gaugeRow{
	{label: "%user", name: "cpu.user", unit: "share"}, {label: "%sys", name: "cpu.system", unit: "share"},
	{label: "%iowait", name: "cpu.iowait", unit: "share"}, {label: "%steal", name: "cpu.steal", unit: "share"}, {label: "%idle", name: "cpu.idle", unit: "share"},
	{label: "runq", name: "cpu.run_queue", unit: "count"}, {label: "blkd", name: "cpu.blocked", unit: "count"}, {label: "cswch/s", name: "cpu.context_switches", unit: "count"},
	{label: "psi cpu", name: "psi.cpu.some", unit: "share"}, {label: "psi io", name: "psi.io.some", unit: "share"}, {label: "psi mem", name: "psi.memory.some", unit: "share"},
	{label: "avail", name: "mem.available", unit: "bytes"}, {label: "swpin/s", name: "mem.swap_in", unit: "bytes"}, {label: "swpout/s", name: "mem.swap_out", unit: "bytes"},
}

// sarTable has a line for each sample of the window, the newest first.
func (v *view) sarTable(host string) *widget.Table {
	t := &widget.Table{Columns: []widget.Column{{Name: "time", Width: 8, Help: "UTC; a line speaks for the time since the one before"}}, Empty: "No samples in this window."}
	at := map[int64][]widget.Cell{}
	for k, r := range sarColumns {
		g, ok := v.gauge(host, "host", r.name, "")
		t.Columns = append(t.Columns, widget.Column{Name: r.label, Width: max(7, len(r.label)), Right: true, Priority: min(k/2, 1) * k, Help: meaning(r.name)})
		if !ok {
			continue
		}
		for i := range g.points {
			p := &g.points[i]
			if at[p.Start] == nil {
				at[p.Start] = make([]widget.Cell, len(sarColumns))
				for j := range at[p.Start] {
					at[p.Start][j] = widget.Name(show.NoValue)
				}
			}
			f := p.Mean()
			at[p.Start][k] = widget.Number(show.Measure(&f, r.unit), f)
		}
	}
	var starts []int64
	for start := range at {
		starts = append(starts, start)
	}
	slices.SortFunc(starts, func(a, b int64) int { return cmp.Compare(b, a) })
	for _, start := range starts[:min(len(starts), 600)] {
		t.Rows = append(t.Rows, widget.Row{Key: strconv.FormatInt(start, 10), Cells: append([]widget.Cell{widget.Name(show.Clock(start))}, at[start]...)})
	}
	return t
}

// instanceTable is a table with a row for each instance of metrics: core, device, interface, mount.
func (v *view) instanceTable(host, of, by string, columns []gaugeRow) *widget.Table {
	t := &widget.Table{Columns: []widget.Column{{Name: of, Width: 8, Flex: true}}, Empty: "No figures of any " + of + "."}
	for k, c := range columns {
		t.Columns = append(t.Columns, widget.Column{Name: c.label, Width: max(8, len(c.label)), Right: true, Priority: k, Help: meaning(c.name) + "; mean of the window"})
	}
	host = v.hostWith(host, columns[0].name)
	seen := map[string]bool{}
	var names []string
	for _, c := range columns {
		for _, name := range v.instances(host, "host", c.name) {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		row := widget.Row{Key: name, Cells: []widget.Cell{widget.Name(name)}}
		known := false
		for _, c := range columns {
			g, ok := v.gauge(host, "host", c.name, name)
			known = known || ok
			row.Cells = append(row.Cells, v.gaugeCells(c, g, 1)[2])
		}
		if known {
			t.Rows = append(t.Rows, row)
		}
	}
	t.Rows = t.Sorted(by, false)
	return t
}

func (v *view) coreTable(host string) *widget.Table {
	return v.instanceTable(host, "core", "", []gaugeRow{
		{label: "user", name: "cpu.user", unit: "share", warn: 0.8}, {label: "system", name: "cpu.system", unit: "share", warn: 0.4},
		{label: "iowait", name: "cpu.iowait", unit: "share", warn: 0.4}, {label: "steal", name: "cpu.steal", unit: "share", warn: 0.05}, {label: "idle", name: "cpu.idle", unit: "share"},
	})
}

func (v *view) diskTable(host string) *widget.Table {
	return v.instanceTable(host, "disk", "util", []gaugeRow{
		{label: "util", name: "disk.util", unit: "share", warn: 0.9}, {label: "r await", name: "disk.read_await", unit: "s"}, {label: "w await", name: "disk.write_await", unit: "s"},
		{label: "await", name: "disk.await", unit: "s"}, {label: "queue", name: "disk.queue", unit: "count"}, {label: "r/s", name: "disk.reads", unit: "count"},
		{label: "w/s", name: "disk.writes", unit: "count"}, {label: "read/s", name: "disk.read_bytes", unit: "bytes"}, {label: "write/s", name: "disk.write_bytes", unit: "bytes"},
	})
}

func (v *view) netTable(host string) *widget.Table {
	return v.instanceTable(host, "interface", "in/s", []gaugeRow{
		{label: "in/s", name: "net.rx_bytes", unit: "bytes"}, {label: "out/s", name: "net.tx_bytes", unit: "bytes"}, {label: "drops/s", name: "net.drops", unit: "count", warn: 0.01},
		{label: "errors/s", name: "net.errors", unit: "count", warn: 0.01}, {label: "pkt in/s", name: "net.rx_packets", unit: "count"}, {label: "pkt out/s", name: "net.tx_packets", unit: "count"}, {label: "link/s", name: "net.speed", unit: "bytes"},
	})
}

func (v *view) filesystemTable(host string) *widget.Table {
	return v.instanceTable(host, "mount", "used", []gaugeRow{
		{label: "used", name: "fs.used", unit: "share", warn: 0.9}, {label: "inodes", name: "fs.inodes_used", unit: "share", warn: 0.9}, {label: "size", name: "fs.size", unit: "bytes"},
	})
}

// processes returns the processes of the newest reading of a host that has any.
func (v *view) processes() []collectors.Process {
	for _, r := range v.latest("host") {
		if len(r.Processes) > 0 {
			return r.Processes
		}
	}
	return nil
}

func (v *view) processNote() string {
	if len(v.processes()) > 0 {
		return "those that take the most"
	}
	return "by name"
}

// unknownOr is a cell of a number that may be Unknown.
func unknownOr(f float64, text func(float64) string) widget.Cell {
	if f < 0 || math.IsNaN(f) {
		return widget.Name(show.NoValue)
	}
	return widget.Number(text(f), f)
}

func bytesText(f float64) string { return show.Size(int64(f)) }

func (v *view) processTable(host string) *widget.Table {
	if len(v.processes()) == 0 { // recordings tell processes by name only
		t := v.instanceTable(host, "process", "cores", []gaugeRow{
			{label: "cores", name: "process.cpu", unit: "count"}, {label: "memory", name: "process.memory", unit: "bytes"}, {label: "thread", name: "process.busiest_thread", unit: "count"},
			{label: "count", name: "process.count", unit: "count"}, {label: "swapped", name: "process.swapped", unit: "bytes"},
		})
		t.Empty = "No figures of processes."
		return t
	}
	t := &widget.Table{Empty: "No figures of processes.", Columns: []widget.Column{
		{Name: "pid", Width: 7, Right: true},
		{Name: "name", Width: 14},
		{Name: "cores", Width: 6, Right: true, Help: "cores used since the reading before"},
		{Name: "memory", Width: 8, Right: true, Help: "resident memory"},
		{Name: "read/s", Width: 8, Right: true, Priority: 3, Help: "read from storage a second; -- where it may not be read"},
		{Name: "write/s", Width: 8, Right: true, Priority: 4, Help: "written to storage a second; -- where it may not be read"},
		{Name: "thread", Width: 6, Right: true, Priority: 5, Help: "cores used by its busiest thread: at 1 it cannot go faster"},
		{Name: "threads", Width: 7, Right: true, Priority: 8},
		{Name: "files", Width: 6, Right: true, Priority: 7, Help: "open files"},
		{Name: "swapped", Width: 8, Right: true, Priority: 9},
		{Name: "malloc", Width: 8, Priority: 10, Help: "memory allocator that it has loaded"},
		{Name: "user", Width: 9, Priority: 6},
		{Name: "s", Width: 1, Priority: 2, Help: "state as ps prints it: R running, S sleeping, D waiting for a device"},
		{Name: "command", Width: 10, Flex: true, Priority: 1},
	}}
	for _, p := range v.processes() {
		t.Rows = append(t.Rows, widget.Row{Key: strconv.FormatInt(p.PID, 10), Copy: p.Command, Cells: []widget.Cell{
			widget.Number(strconv.FormatInt(p.PID, 10), float64(p.PID)), widget.Name(p.Name), unknownOr(p.CPU, show.Significant), unknownOr(float64(p.Memory), bytesText),
			unknownOr(p.ReadBytes, bytesText), unknownOr(p.WriteBytes, bytesText), unknownOr(p.BusiestCore, show.Significant), unknownOr(float64(p.Threads), show.Short),
			unknownOr(float64(p.OpenFiles), show.Short), unknownOr(float64(p.Swapped), bytesText), widget.Name(p.Allocator), widget.Name(p.User), widget.Name(p.State), widget.Name(p.Command),
		}})
	}
	t.Rows = t.Sorted("cores", false)
	return t
}

func (v *view) openProcess(key string) *page {
	for _, p := range v.processes() {
		if strconv.FormatInt(p.PID, 10) != key {
			continue
		}
		return &page{title: "PROCESS " + key, copy: p.Command, text: func(width int) []widget.Line {
			var out []widget.Line
			number := func(n int64) string {
				return unknownOr(float64(n), func(f float64) string { return show.Count(int64(f)) }).Text
			}
			for _, l := range []struct{ label, text string }{
				{"name", p.Name}, {"command", p.Command}, {"user", p.User}, {"state", p.State}, {"parent", number(p.Parent)},
				{"cores", unknownOr(p.CPU, show.Significant).Text + ", its busiest thread " + unknownOr(p.BusiestCore, show.Significant).Text},
				{"memory", unknownOr(float64(p.Memory), bytesText).Text + ", swapped " + unknownOr(float64(p.Swapped), bytesText).Text + ", allocator " + p.Allocator},
				{"storage", "reads " + unknownOr(p.ReadBytes, bytesText).Text + "/s, writes " + unknownOr(p.WriteBytes, bytesText).Text + "/s"},
				{"threads", number(p.Threads)}, {"files", number(p.OpenFiles) + " of " + number(p.FilesLimit)},
			} {
				out = append(out, v.style.Paragraph(" "+show.Left(l.label, 9), widget.Faint, l.text, widget.Plain, width)...)
			}
			return out
		}}
	}
	return nil
}
