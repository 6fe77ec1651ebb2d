package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/report"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// Of several database servers one is shown at a time.

// chooseServer has the view show the server of that address, or the first where it is not there.
func (v *view) chooseServer(address string) {
	if len(v.servers) < 2 {
		return
	}
	v.server = v.servers[max(slices.Index(v.servers, address), 0)]
}

// serversOf returns the addresses of the database servers that a view knows of, in order.
func (v *view) serversOf() []string {
	var out []string
	if s := v.state.Diagnosis.Snapshot; s != nil {
		for i := range s.Servers {
			out = append(out, s.Servers[i].Address)
		}
	}
	for i := range v.state.Latest { // which are younger than what was judged
		if address := v.state.Latest[i].Server(); address != "" {
			out = append(out, address)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// nextServer shows another of several servers.
func (a *App) nextServer(by int) tea.Cmd {
	if a.view == nil || a.view.server == "" {
		a.message = "There are no two database servers to choose from."
		return nil
	}
	v := a.view
	n := len(v.servers)
	a.server = v.servers[(slices.Index(v.servers, v.server)+by+n)%n]
	v.chooseServer(a.server)
	if screens[a.screen].ofServer {
		a.pages = nil // a session or a statement of the one before
		return nil
	}
	a.message = "Shown of the database servers: " + a.server + ", " + v.serverPlace()
	return nil
}

// serverPlace says which of how many servers is shown.
func (v *view) serverPlace() string {
	return fmt.Sprintf("%d of %d", slices.Index(v.servers, v.server)+1, len(v.servers))
}

// on returns the view as it is of one of several servers alone, with its statements and what was found of it;
// the view itself where that is not known.
func (v *view) on(address string) *view {
	r := v.own[address]
	if r == nil {
		if r = v.reportOf(address); r == nil {
			return v
		}
		v.own[address] = r
	}
	own := *v
	own.server, own.of, own.report, own.cells = address, address, r, r.Digest.Series.Cells()
	return &own
}

// reportOf is the report of one of several servers; nil where no log tells whose its statements are.
func (v *view) reportOf(address string) *report.Report {
	d := v.state.Diagnosis
	if d.Snapshot == nil || !slices.ContainsFunc(d.Snapshot.Servers, func(s analyzers.Server) bool { return s.Address == address && s.Digest != nil }) {
		return nil
	}
	s := d.Snapshot.Of(address)
	w, err := analyzers.NewWorkload(s.Digest)
	if err != nil {
		return nil
	}
	j := d.Judgement
	j.Findings = slices.DeleteFunc(slices.Clone(j.Findings), func(f rules.Finding) bool { return f.Server != "" && f.Server != address })
	return report.New(s, w, d.Attribution, j, v.report.Options)
}

// settings are those of the server that is shown.
func (v *view) settings() map[string]string {
	s := v.state.Diagnosis.Snapshot
	switch {
	case s == nil:
		return nil
	case v.server == "":
		return s.Settings
	}
	return v.shownServer().Settings
}

// shownServer is what is known of the one of several servers that is shown.
func (v *view) shownServer() analyzers.Server {
	if s := v.state.Diagnosis.Snapshot; s != nil {
		for i := range s.Servers {
			if s.Servers[i].Address == v.server {
				return s.Servers[i]
			}
		}
	}
	return analyzers.Server{Address: v.server}
}

// tables are what is known of the tables of the server that is shown.
func (v *view) tables() []collectors.Table {
	if v.server != "" {
		return v.shownServer().Tables
	}
	if s := v.state.Diagnosis.Snapshot; s != nil {
		return s.Tables
	}
	return nil
}

// serverOf is the address of the server that a log is of: of one that may be of any, the one that is shown.
func (v *view) serverOf(log string) string {
	if s := v.state.Diagnosis.Snapshot; s != nil {
		for i := range s.Servers {
			if slices.Contains(s.Servers[i].Logs, log) {
				return s.Servers[i].Address
			}
		}
	}
	return v.server
}

// engine is what the server that is shown is.
func (v *view) engine() analyzers.Engine {
	if v.server == "" {
		return v.report.Server
	}
	s := v.shownServer()
	return s.Engine()
}

// serverName is how the only server is named beside its figures: by its machine.
func (v *view) serverName(host string) string {
	for _, src := range v.report.Sources {
		if src.Role == "db" && host != "" && collectors.ServerOf(src.Path) == host {
			return src.Host
		}
	}
	return host
}

// mostServers bounds the servers that are listed above the one that is shown.
const mostServers = 5

// serverList has a line for each of several servers: whether it is in trouble, and what with. The one that
// is shown is marked.
func (v *view) serverList(int) []widget.Line {
	if v.server == "" {
		return nil
	}
	first := 0
	if at := slices.Index(v.servers, v.server); at >= mostServers {
		first = at - mostServers + 1
	}
	name := 0
	for _, address := range v.servers {
		name = max(name, v.style.Columns(address))
	}
	var out []widget.Line
	for _, address := range v.servers[first:min(first+mostServers, len(v.servers))] {
		mark, role := "  ", widget.Plain
		if address == v.server {
			mark, role = " >", widget.Strong
		}
		word, why, wordRole := v.serverState(address)
		out = append(out, widget.Line{{Text: mark + v.style.Fit(address, min(name, 30)) + " ", Role: role}, {Text: show.Left(word, 6), Role: wordRole}, {Text: why}})
	}
	return out
}

// serverState says in a word how a server is doing, and why.
func (v *view) serverState(address string) (word, why string, role widget.Role) {
	for _, s := range v.state.Sources {
		if s.Name == collectors.ServerSource+address && s.State != "ok" && v.state.Look.Cursor == collectors.NoTime {
			return strings.ToUpper(s.State), "", sourceRoles[s.State]
		}
	}
	for _, f := range v.report.Findings {
		if f.Server == address && f.Severity.Rank() >= rules.Warning.Rank() && len(f.BecauseOf) == 0 && !f.Standing {
			word, role := severity(f.Severity)
			return word, titleOn(f), role
		}
	}
	if n, ok := v.status(address, "Threads_running"); ok {
		return "OK", "threads running " + show.Short(n), widget.Good
	}
	return show.NoValue, "no figures in this window", widget.Faint
}

// titleOn is the title of a finding where it is plain which server it is of.
func titleOn(f rules.Finding) string {
	title, ok := strings.CutPrefix(f.Title, f.Server)
	if !ok || f.Server == "" {
		return f.Title
	}
	return strings.TrimLeft(title, ":： ")
}
