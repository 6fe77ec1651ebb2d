package ui

import (
	"slices"
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// maxTyped bounds what can be typed or pasted into a line.
const maxTyped = 500

// A prompt is a line that is typed into.
type prompt struct {
	label string
	text  string
	// before is what stood there when it was opened.
	before string
	note   string // what is wrong with it
	// done takes what was typed; an error keeps the prompt open and says why.
	done func(a *App, text string) (tea.Cmd, error)
	// past is what was typed before, the latest last: the arrows bring it back. back is how far.
	past []string
	back int
	// live is called at every change; may be nil.
	live func(a *App, text string) error
}

// draw shows what is typed, and of the rest what there is room for: the end of the text, where the cursor
// is, comes first, then what is wrong with it, then what it is for.
func (p *prompt) draw(style widget.Style, width int) widget.Line {
	text, note := show.Clean(p.text, style.ASCII), ""
	if p.note != "" {
		note = "  " + show.Clean(p.note, style.ASCII)
	}
	const cursor = 1
	short, _, _ := strings.Cut(strings.TrimSuffix(p.label, ":"), " (")
	label := ""
	for _, l := range []string{p.label + " ", short + ": "} {
		if show.Columns(l)+show.Columns(text)+cursor+show.Columns(note) <= width {
			label = l
			break
		}
	}
	room := max(width-cursor, 1)
	if note != "" && label == "" {
		text = show.CutLeft(text, max(room/2, room-show.Columns(note)), style.Mark())
		note = show.Cut(note, room-show.Columns(text), style.Mark())
	}
	text = show.CutLeft(text, room, style.Mark())
	return widget.Line{{Text: label, Role: widget.Strong}, {Text: text}, {Text: "_", Role: widget.Selected}, {Text: note, Role: widget.Warn}}
}

func (p *prompt) key(a *App, msg tea.KeyMsg) tea.Cmd {
	switch msg.Type {
	case tea.KeyEsc:
		a.prompt = nil
		if p.live != nil { // as it was before
			_ = p.live(a, p.before)
		}
		return nil
	case tea.KeyEnter:
		cmd, err := p.done(a, strings.TrimSpace(p.text))
		if err != nil {
			p.note = err.Error()
			return nil
		}
		if a.prompt == p {
			a.prompt = nil
		}
		return cmd
	}
	edited, ok := edit(p.text, msg)
	if !ok {
		edited, ok = p.recall(msg)
	}
	if !ok {
		return nil
	}
	p.text, p.note = edited, ""
	if p.live != nil {
		if err := p.live(a, p.text); err != nil {
			p.note = err.Error()
		}
	}
	return nil
}

// recall goes through what was typed before.
func (p *prompt) recall(msg tea.KeyMsg) (text string, ok bool) {
	step := map[tea.KeyType]int{tea.KeyUp: 1, tea.KeyDown: -1}[msg.Type]
	back := p.back + step
	if step == 0 || back < 0 || back > len(p.past) {
		return "", false
	}
	p.back = back
	if back == 0 {
		return "", true
	}
	return p.past[len(p.past)-back], true
}

// edit applies a key to a line of text; ok is false when it has no meaning there.
func edit(text string, msg tea.KeyMsg) (out string, ok bool) {
	switch msg.Type {
	case tea.KeyRunes, tea.KeySpace:
		if text += show.Clean(string(msg.Runes), false); len(text) > maxTyped {
			text = strings.ToValidUTF8(text[:maxTyped], "")
		}
		return text, true
	case tea.KeyBackspace:
		if text == "" {
			return text, false
		}
		r := []rune(text)
		return string(r[:len(r)-1]), true
	case tea.KeyCtrlU:
		return "", true
	case tea.KeyCtrlW:
		text = strings.TrimRight(text, " ")
		return text[:strings.LastIndexByte(text, ' ')+1], true
	}
	return text, false
}

// A menu is a list to choose from; typing narrows it.
type menu struct {
	title  string
	items  []item
	typed  string
	cursor int
}

type item struct {
	label, note string
	do          func(a *App) tea.Cmd
}

// found returns the items that hold all the words typed, those whose label begins with them first.
func (m *menu) found() []item {
	typed := strings.ToLower(strings.TrimSpace(m.typed))
	words := strings.Fields(strings.ToLower(m.typed))
	var out []item
	for _, it := range m.items {
		text := strings.ToLower(it.label + " " + it.note)
		fits := true
		for _, w := range words {
			fits = fits && strings.Contains(text, w)
		}
		if fits {
			out = append(out, it)
		}
	}
	if len(out) == 0 { // letters in their order, with others between
		for _, it := range m.items {
			if inOrder(strings.ToLower(it.label), typed) {
				out = append(out, it)
			}
		}
	}
	rank := func(it item) int {
		switch label := strings.ToLower(it.label); {
		case strings.HasPrefix(label, typed):
			return 0
		case strings.Contains(label, typed):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(out, func(a, b item) int { return rank(a) - rank(b) })
	return out
}

// inOrder reports whether a text has all the letters of typed in their order.
func inOrder(text, typed string) bool {
	for _, r := range typed {
		i := strings.IndexRune(text, r)
		if i < 0 {
			return false
		}
		text = text[i+utf8.RuneLen(r):]
	}
	return true
}

func (m *menu) draw(style widget.Style, width, height int) []widget.Line {
	found := m.found()
	out := []widget.Line{style.Rule(m.title, "", width), {{Text: "  search: ", Role: widget.Faint}, {Text: m.typed}, {Text: "_", Role: widget.Selected}}}
	label := 0
	for _, it := range m.items {
		label = max(label, show.Columns(it.label))
	}
	label = min(label, 34) + 2
	if len(found) == 0 {
		return append(out, widget.Text(widget.Faint, "  nothing fits"))
	}
	for i := widget.Window(m.cursor, len(found), height-2); i < len(found) && len(out) < height; i++ {
		mark, role := "  ", widget.Plain
		if i == m.cursor {
			mark, role = "> ", widget.Selected
		}
		out = append(out, widget.Line{{Text: mark, Role: role}, {Text: style.Fit(found[i].label, label), Role: role}, {Text: found[i].note, Role: widget.Faint}})
	}
	return out
}

func (m *menu) key(a *App, msg tea.KeyMsg) tea.Cmd {
	found := m.found()
	switch msg.String() {
	case "esc":
		a.menu = nil
	case "down", "ctrl+n", "tab":
		m.cursor = min(m.cursor+1, max(len(found)-1, 0))
	case "up", "ctrl+p", "shift+tab":
		m.cursor = max(m.cursor-1, 0)
	case "pgdown", "ctrl+d":
		m.cursor = min(m.cursor+10, max(len(found)-1, 0))
	case "pgup":
		m.cursor = max(m.cursor-10, 0)
	case "enter":
		if m.cursor < len(found) {
			a.menu = nil
			return found[m.cursor].do(a)
		}
	default:
		if text, ok := edit(m.typed, msg); ok {
			m.typed, m.cursor = text, 0
		}
	}
	return nil
}
