package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// An action is one thing a reader can do. The footer, the list of keys, the palette and docs/keys.md
// are all made from the table of them.
type action struct {
	keys []string // as bubbletea names them
	name string   // in the palette
	help string
	hint string // in the footer; empty when it is not one of the most useful
	do   func(*App) tea.Cmd
}

// actions is the table of keys. They mean the same on every screen. (A function, because some of them
// show the table itself.)
func actions() []action {
	all := []action{
		{[]string{"?"}, "keys", "list all keys; type to search", "keys", (*App).help},
		{[]string{"enter"}, "open", "show the row under the cursor in full", "open", (*App).open},
		{[]string{"esc"}, "back", "one step back: close what is open, then the zoom, then the filter", "", (*App).back},
		{[]string{"/"}, "filter", "keep the rows that fit: word, regular expression, column:value, !not", "filter", (*App).askFilter},
		{[]string{" ", "p", "f"}, "freeze", "stand still and look, or go on; collecting goes on meanwhile", "freeze", (*App).freeze},
		{[]string{"["}, "step back", "one sample back in time", "", func(a *App) tea.Cmd { return a.step(-1) }},
		{[]string{"]"}, "step on", "one sample on in time", "", func(a *App) tea.Cmd { return a.step(1) }},
		{[]string{"{"}, "leap back", "ten samples back in time", "", func(a *App) tea.Cmd { return a.step(-10) }},
		{[]string{"}"}, "leap on", "ten samples on in time", "", func(a *App) tea.Cmd { return a.step(10) }},
		{[]string{"t"}, "go to time", "type 14:02, 14:02:31, -15m, @onset or a full date", "time", (*App).askTime},
		{[]string{"e"}, "next event", "to the next event: an onset, a changed setting, a restart", "", func(a *App) tea.Cmd { return a.event(1) }},
		{[]string{"E"}, "event before", "to the event before", "", func(a *App) tea.Cmd { return a.event(-1) }},
		{[]string{"L"}, "live", "follow the newest again", "", (*App).live},
		{[]string{"w"}, "window", "look at the last 1m, 5m, 15m, 1h or all", "window", (*App).nextWindow},
		{[]string{"d"}, "span", "figures of one interval, of the window, or of all there is", "", (*App).nextSpan},
		{[]string{"m"}, "mark baseline", "remember what is shown as what is normal", "", (*App).markBaseline},
		{[]string{"c"}, "compare", "compare what is shown with the baseline", "", (*App).compare},
		{[]string{"s"}, "sort", "choose the column to sort by", "sort", (*App).askSort},
		{[]string{"S"}, "reverse", "sort the other way round", "", (*App).reverse},
		{[]string{"i"}, "what is this", "why this finding: its conditions with their numbers; or what the numbers of this panel mean", "", (*App).explain},
		{[]string{"v"}, "table or graph", "tables like sar in place of graphs, and back", "", (*App).toggleTable},
		{[]string{"z"}, "zoom", "give this panel the whole screen, and back", "zoom", (*App).zoom},
		{[]string{"y"}, "copy", "copy the row, its statement or command, to the clipboard", "copy", (*App).copyRow},
		{[]string{"Y"}, "copy Markdown", "copy what is open, or the verdict, as Markdown", "", (*App).copyMarkdown},
		{[]string{"x"}, "export", "write the report to a file: .md, .txt or .json", "report", (*App).askExport},
		{[]string{"X"}, "explain", "ask the database server for the plan of this statement; it is not run", "", (*App).askPlan},
		{[]string{"o"}, "log lines", "the slowest record of this statement or route as it stands in the log, literals and all", "", (*App).askRaw},
		{[]string{">"}, "next server", "of several database servers, show the next on the MySQL and Queries screens", "", func(a *App) tea.Cmd { return a.nextServer(1) }},
		{[]string{"<"}, "server before", "of several database servers, show the one before", "", func(a *App) tea.Cmd { return a.nextServer(-1) }},
		{[]string{"r"}, "refresh", "show a new state at most every 1s, 2s, 5s or 10s", "", (*App).nextRefresh},
		{[]string{"!"}, "sources", "what was read, what was skipped, what is missing, own cost", "sources", (*App).sources},
		{[]string{":"}, "palette", "find any action by its name", "", (*App).palette},
		{[]string{"tab"}, "next panel", "to the next panel", "", func(a *App) tea.Cmd { return a.nextPanel(1) }},
		{[]string{"shift+tab"}, "panel before", "to the panel before", "", func(a *App) tea.Cmd { return a.nextPanel(-1) }},
		{[]string{"j", "down"}, "down", "one row down", "", func(a *App) tea.Cmd { return a.move(1) }},
		{[]string{"k", "up"}, "up", "one row up", "", func(a *App) tea.Cmd { return a.move(-1) }},
		{[]string{"ctrl+d", "pgdown"}, "page down", "half a screen down", "", func(a *App) tea.Cmd { return a.move(a.height / 2) }},
		{[]string{"ctrl+u", "pgup"}, "page up", "half a screen up", "", func(a *App) tea.Cmd { return a.move(-a.height / 2) }},
		{[]string{"g", "home"}, "first row", "to the first row", "", func(a *App) tea.Cmd { return a.move(-1 << 30) }},
		{[]string{"G", "end"}, "last row", "to the last row", "", func(a *App) tea.Cmd { return a.move(1 << 30) }},
		{[]string{"h", "left"}, "left", "scroll the columns back", "", func(a *App) tea.Cmd { return a.sideways(-1) }},
		{[]string{"l", "right"}, "right", "scroll the columns on; the first one stays", "", func(a *App) tea.Cmd { return a.sideways(1) }},
		{[]string{"n"}, "next match", "to the next line or row that fits the filter", "", func(a *App) tea.Cmd { return a.match(1) }},
		{[]string{"N"}, "match before", "to the line or row before that fits the filter", "", func(a *App) tea.Cmd { return a.match(-1) }},
		{[]string{"ctrl+l"}, "redraw", "paint the whole screen anew", "", (*App).redraw},
		{[]string{"ctrl+z"}, "suspend", "stop and give the terminal back to the shell; fg goes on", "", (*App).suspend},
		{[]string{"q"}, "quit", "one step back, and at the top quit", "quit", (*App).quit},
		{[]string{"ctrl+c"}, "quit at once", "quit from anywhere", "", func(*App) tea.Cmd { return tea.Quit }},
	}
	for i, s := range screens {
		all = append(all, action{[]string{s.key}, s.name, s.question, "", func(a *App) tea.Cmd { return a.goTo(i) }})
	}
	return all
}

// keyWords are keys as a person names them.
var keyWords = map[string]string{
	" ": "Space", "enter": "Enter", "esc": "Esc", "tab": "Tab", "shift+tab": "S-Tab", "down": "Down", "up": "Up",
	"left": "Left", "right": "Right", "pgdown": "PgDn", "pgup": "PgUp", "home": "Home", "end": "End",
	"ctrl+c": "C-c", "ctrl+d": "C-d", "ctrl+l": "C-l", "ctrl+u": "C-u", "ctrl+z": "C-z",
}

func keyName(key string) string {
	if w, ok := keyWords[key]; ok {
		return w
	}
	return key
}

func (c action) keyNames() string {
	var out []string
	for _, k := range c.keys {
		out = append(out, keyName(k))
	}
	return strings.Join(out, " ")
}

// hints are the keys of the footer: those that help most now come first.
func (a *App) hints() [][2]string {
	if a.menu != nil {
		return [][2]string{{"type", "to search"}, {"Enter", "do it"}, {"Esc", "back"}}
	}
	var out [][2]string
	key := func(key, word string) { out = append(out, [2]string{key, word}) }
	screen := screens[a.screen].name
	if len(a.pages) > 0 {
		key("Esc", "back")
		key("j k", "scroll")
		if top := a.pages[len(a.pages)-1]; top.query != "" || top.raw.source != "" {
			key("o", "record")
		}
		if a.options.Explain != nil && a.pages[len(a.pages)-1].query != "" {
			key("X", "plan")
		}
		key("y", "copy")
		key("Y", "copy Markdown")
		key("/", "search")
		key("q", "back")
		return out
	}
	if a.frozen {
		key("L", "go on")
		key("[ ]", "step")
	}
	key("?", "keys")
	key("Enter", "open")
	several := a.view != nil && a.view.server != ""
	switch {
	case screen == "Queries" && several:
		key("< >", "server")
		key("o", "record")
		key("/", "filter")
	case screen == "Queries" || screen == "Web":
		key("o", "record")
		key("/", "filter")
		key("s", "sort")
	case screen == "Timeline":
		key("e E", "events")
		key("t", "time")
	case screen == "Host":
		key("v", "table")
	case screen == "MySQL" && several:
		key("< >", "server")
	}
	if !a.frozen {
		key("Space", "freeze")
	}
	key("x", "report")
	key("q", "quit")
	for _, c := range actions() {
		if c.hint != "" && !(a.frozen && c.name == "freeze") && !slices.ContainsFunc(out, func(h [2]string) bool { return h[0] == keyName(c.keys[0]) }) {
			out = append(out, [2]string{keyName(c.keys[0]), c.hint})
		}
	}
	return out
}

// key routes a key: what is typed into first, then the table.
func (a *App) key(msg tea.KeyMsg) tea.Cmd {
	if msg.String() == "ctrl+c" {
		return tea.Quit
	}
	if msg.Type == tea.KeyRunes && len(msg.Runes) > 1 && !msg.Paste {
		// What was typed quickly, or over a slow link, arrives as one: it is as many keys.
		var all []tea.Cmd
		for _, r := range msg.Runes {
			one := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt}
			if r == ' ' {
				one.Type = tea.KeySpace
			}
			all = append(all, a.key(one))
		}
		return tea.Sequence(all...)
	}
	if a.message != "" {
		a.message = ""
	}
	switch {
	case a.prompt != nil:
		return a.prompt.key(a, msg)
	case a.menu != nil:
		return a.menu.key(a, msg)
	case msg.Paste: // what is pasted is text, never keys
		return nil
	}
	name := msg.String()
	for _, c := range actions() {
		if slices.Contains(c.keys, name) {
			return c.do(a)
		}
	}
	a.message = "No key: " + name + ". ? lists the keys."
	return nil
}
