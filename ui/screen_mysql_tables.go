package ui

import (
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// tableUse lists the tables that a server reads and changes most, as it counts them itself.
func (v *view) tableUse(host string) *widget.Table {
	empty := "The server counts no rows by table: SET GLOBAL userstat=ON (MariaDB), or performance_schema."
	if v.switchedOn("performance_schema") || v.switchedOn("userstat") {
		empty = "No rows of a table were read or changed in this window."
	}
	t := &widget.Table{Empty: empty, Columns: []widget.Column{
		{Name: "table", Width: 14, Flex: true},
		{Name: "read/s", Width: 9, Right: true, Help: meaning("table.rows_read")},
		{Name: "changed/s", Width: 9, Right: true, Help: meaning("table.rows_changed")},
		{Name: "R:W", Width: 7, Right: true, Priority: 2, Help: "rows read to one that is changed"},
		{Name: "I/O wait", Width: 8, Right: true, Priority: 1, Help: meaning("table.io_wait")},
	}}
	for _, name := range v.instances(host, "db", "table.rows_read") {
		read, ok := v.gauge(host, "db", "table.rows_read", name)
		changed, okW := v.gauge(host, "db", "table.rows_changed", name)
		if !ok || !okW {
			continue
		}
		wait := widget.Name(show.NoValue)
		if g, ok := v.gauge(host, "db", "table.io_wait", name); ok {
			wait = widget.Number(show.Share(g.mean), g.mean)
		}
		ratio := widget.Name("reads")
		if changed.mean > 0 {
			ratio = widget.Number(show.Short(read.mean/changed.mean)+":1", read.mean/changed.mean)
		}
		t.Rows = append(t.Rows, widget.Row{Key: name, Copy: name, Cells: []widget.Cell{
			widget.Name(name), widget.Number(show.Short(read.mean), read.mean), widget.Number(show.Short(changed.mean), changed.mean), ratio, wait,
		}})
	}
	t.Rows = t.Sorted("read/s", false)
	return t
}
