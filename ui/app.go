// Package ui is the terminal UI: screens over the states that a session publishes.
package ui

import (
	"context"
	"strings"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/collectors"
	"dbtriage/ui/session"
	"dbtriage/ui/widget"
)

// Options are what the command line says about the UI.
type Options struct {
	Theme   Theme
	Lang    string
	Version string
	Samples bool         // show statements with their literals
	Look    session.Look // what the source shows from the start
	Mouse   bool         // taken from the terminal, which then selects no text with it
	Tmux    bool         // the clipboard is reached through tmux
	// Inputs are the logs where they are not all files of their names.
	Inputs []session.Input
	// Explain asks a database server, the first without an address, for the plan of a statement, without
	// running it; nil without one.
	Explain func(ctx context.Context, address, schema, statement string) (columns []string, rows [][]string, err error)
	// Terminal is what is asked of the terminal beside frames.
	Terminal Terminal
}

// A Terminal is what the UI asks of a terminal beside painting frames. Any of it may be nil.
type Terminal struct {
	Send func(sequence string)
	// Suspend stops the program and returns when it goes on; false where it cannot be stopped.
	Suspend         func() bool
	Resume, Repaint func()
	Cost            func() Cost
}

func call(f func()) {
	if f != nil {
		f()
	}
}

// A Cost is what painting takes.
type Cost struct {
	Bytes int           // of the newest frame
	Slow  time.Duration // of a frame on a slow terminal; 0 on a fast one
}

// A Source is where states come from: a session.
type Source interface {
	States() <-chan *session.State
	Ask(session.Look)
}

// An App is the root: it routes keys and states and holds what the reader has chosen. Lines draws it.
type App struct {
	source  Source
	options Options
	ctx     context.Context // of what commands do; ends with the program

	width, height int
	view          *view // of the state shown; nil before the first
	newest        *session.State

	look     session.Look
	frozen   bool // the cursor stands still
	window   int  // index into windows
	span     string
	refresh  time.Duration
	shownAt  time.Time
	baseline *view
	server   string // address of the database server that is shown of several; empty is the first

	screen  int
	came    []int            // the screens before, the latest last
	focus   map[int]int      // panel of each screen
	picks   map[string]*pick // by screen and panel
	filter  widget.Filter
	table   bool
	zoomed  bool
	pages   []*openPage // what Enter has opened, the newest last
	prompt  *prompt
	typed   []string // filters, the latest last
	menu    *menu
	message string
	now     func() time.Time
}

// A pick is what the reader has chosen in one table.
type pick struct {
	widget.Pick
	key string // of the row under the cursor: it stays on it when rows move
}

// An openPage is a page with where it is scrolled to.
type openPage struct {
	page
	top int
	// screen, panel and key are of the row that it was opened from: a newer state makes it anew. Without
	// a panel it stays as it is.
	screen int
	panel  string
	key    string
	gone   bool // the row is not in what is shown now
}

// follow makes a page anew from the view that is shown now.
func (p *openPage) follow(v *view) {
	if p.panel == "" {
		return
	}
	for _, panel := range screens[p.screen].panels(v) {
		if panel.name != p.panel || panel.open == nil {
			continue
		}
		now := panel.open(p.key)
		if p.gone = now == nil; !p.gone {
			p.page = *now
		}
	}
}

// New returns the UI over a source of states.
func New(source Source, opt Options) *App {
	a := &App{
		source: source, options: opt, ctx: context.Background(), now: time.Now, look: opt.Look, span: "window", window: len(windows) - 1,
		focus: map[int]int{}, picks: map[string]*pick{}, width: 80, height: 24,
	}
	for i, w := range windows {
		if w.us == opt.Look.Width {
			a.window = i
		}
	}
	return a
}

// A stateMsg is a state that the session has published; nil when it publishes no more.
type stateMsg struct{ state *session.State }

// A doneMsg says how a task ended.
type doneMsg struct{ text string }

// Init waits for the first state.
func (a *App) Init() tea.Cmd { return a.wait() }

func (a *App) wait() tea.Cmd {
	states := a.source.States()
	return func() tea.Msg {
		st, ok := <-states
		if !ok {
			return stateMsg{}
		}
		return stateMsg{st}
	}
}

// Update takes in keys, sizes and states. It does no IO: what takes time is a command.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.width, a.height = msg.Width, msg.Height
	case stateMsg:
		if msg.state == nil {
			if a.view == nil { // nothing was shown and nothing will be
				return a, tea.Quit
			}
			return a, nil
		}
		a.take(msg.state)
		return a, a.wait()
	case doneMsg:
		a.message = msg.text
	case planMsg:
		a.showPlan(msg)
	case rawMsg:
		a.showRaw(msg)
	case signalMsg:
		if msg.Signal == syscall.SIGTSTP {
			return a, a.suspend()
		}
		call(a.options.Terminal.Resume) // it was stopped by what cannot be caught
	case tea.KeyMsg:
		return a, a.key(msg)
	case tea.MouseMsg:
		return a, a.mouse(msg)
	}
	return a, nil
}

// take shows a state, unless the reader has frozen another or asked for fewer.
func (a *App) take(st *session.State) {
	a.newest = st
	if a.view != nil {
		was := a.view.state
		same := was.Look == st.Look && was.Progress == st.Progress
		if a.frozen && (st.Look != a.look || same) {
			return
		}
		if !a.frozen && same && a.now().Sub(a.shownAt) < a.pace() {
			return
		}
	}
	a.shownAt = a.now()
	before := a.view
	a.view = newView(st, a.options)
	a.view.chooseServer(a.server)
	if before != nil && before.state.At < st.At && st.Look.Cursor == collectors.NoTime {
		a.view.earlier = before.state.Latest
	}
	a.view.width, a.view.height, a.view.table = a.width, a.height, a.table
	for _, p := range a.pages {
		p.follow(a.view)
	}
}

// pace is the least time between two states shown. On a slow terminal it grows by itself.
func (a *App) pace() time.Duration {
	pace := a.refresh
	switch slow := a.slow(); {
	case slow > time.Second:
		pace = max(pace, 5*time.Second)
	case slow > 0:
		pace = max(pace, 2*time.Second)
	}
	return pace * 9 / 10 // states come a little early or late
}

func (a *App) slow() time.Duration {
	if a.options.Terminal.Cost == nil {
		return 0
	}
	return a.options.Terminal.Cost().Slow
}

// View draws the whole screen.
func (a *App) View() string { return strings.Join(a.Lines(), "\n") }

// ask has the session show what is looked at now.
func (a *App) ask() { a.source.Ask(a.look) }

// panels returns the panels of the screen that is shown, with what the reader has chosen in them.
func (a *App) panels() []panel {
	if a.view == nil {
		return nil
	}
	v := a.view
	v.width, v.height, v.table = a.width, a.height, a.table
	panels := screens[a.screen].panels(v)
	v.selected, v.page = "", nil
	if i := a.focused(panels); i >= 0 {
		p := &panels[i]
		if rows, at := a.rows(p); at.Cursor < len(rows) {
			v.selected = rows[at.Cursor].Key
			if p.open != nil {
				v.page = func() *page { return p.open(v.selected) }
			}
		}
	}
	return panels
}

// pickName is what the choice in a panel is kept under: as a table of figures it has other columns
// than as curves.
func (a *App) pickName(p *panel) string {
	name := screens[a.screen].name + "/" + p.name
	if a.table {
		name += "/v"
	}
	return name
}

// pick returns what was chosen in a panel of the screen, to be changed.
func (a *App) pick(p *panel) *pick {
	name := a.pickName(p)
	if a.picks[name] == nil {
		a.picks[name] = &pick{}
	}
	return a.picks[name]
}

// rows returns the rows of a panel as they are shown: sorted and filtered, and what is chosen among
// them. A panel of text has none, and the cursor is the line it is scrolled to.
func (a *App) rows(p *panel) ([]widget.Row, widget.Pick) {
	var chosen pick
	if c := a.picks[a.pickName(p)]; c != nil {
		chosen = *c
	}
	if p.table == nil {
		return nil, chosen.Pick
	}
	rows := p.table.Rows
	if p.search {
		rows = a.filter.Keep(p.table, p.table.Sorted(chosen.Sort, chosen.Reverse))
	}
	out := chosen.Pick
	out.Cursor = min(max(out.Cursor, 0), max(len(rows)-1, 0))
	for i := range rows {
		if rows[i].Key == chosen.key && chosen.key != "" {
			out.Cursor = i
		}
	}
	return rows, out
}

// takesFocus reports whether keys can act on a panel: on its rows, or on text that has a heading.
func (a *App) takesFocus(p *panel) bool {
	return (p.table != nil || p.text != nil && p.name != "") && (!p.wide || a.width >= wideFrom)
}

// focused returns the panel that keys act on: the one chosen, or the first with rows.
func (a *App) focused(panels []panel) int {
	f, ok := a.focus[a.screen]
	if ok && f < len(panels) && a.takesFocus(&panels[f]) {
		return f
	}
	first := -1
	for i := range panels {
		if panels[i].table != nil && len(panels[i].table.Rows) > 0 && a.takesFocus(&panels[i]) {
			if panels[i].lead {
				return i
			}
			if first < 0 {
				first = i
			}
		}
	}
	return first
}
