package ui

import (
	"strings"

	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// A Palette is the colours that a terminal is given.
type Palette int

// The palettes. Sixteen is the usual one: it follows the colours that the reader has chosen.
const (
	None Palette = iota
	Sixteen
	TwoFiftySix
	True
)

// Palettes are the values of --color beside "auto".
var Palettes = map[string]Palette{"never": None, "16": Sixteen, "256": TwoFiftySix, "always": True}

// sgr gives each role its attributes. What is said by colour is also said in words.
var sgr = map[Palette][widget.Roles]string{
	None: {},
	Sixteen: {
		widget.Strong: "1", widget.Faint: "2", widget.Good: "32", widget.Warn: "33", widget.Crit: "1;31",
		widget.Selected: "1;36", widget.Curve: "36",
	},
	TwoFiftySix: {
		widget.Strong: "1", widget.Faint: "38;5;245", widget.Good: "38;5;71", widget.Warn: "38;5;214", widget.Crit: "1;38;5;203",
		widget.Selected: "1;38;5;117", widget.Curve: "38;5;74",
	},
	True: {
		widget.Strong: "1", widget.Faint: "38;2;138;138;138", widget.Good: "38;2;95;175;95", widget.Warn: "38;2;255;175;0", widget.Crit: "1;38;2;255;95;95",
		widget.Selected: "1;38;2;135;215;255", widget.Curve: "38;2;95;175;215",
	},
}

// A Theme says how screens look.
type Theme struct {
	Palette Palette
	ASCII   bool
}

// ThemeOf chooses the theme of a terminal. asked is the value of --color, "auto" by default; getenv
// tells NO_COLOR, TERM, COLORTERM and the locale.
func ThemeOf(asked string, ascii bool, getenv func(string) string) Theme {
	t := Theme{Palette: Sixteen, ASCII: ascii || !unicodeLocale(getenv)}
	if p, ok := Palettes[asked]; ok {
		t.Palette = p
		return t
	}
	if getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" || getenv("TERM") == "" {
		t.Palette = None
	}
	return t
}

// unicodeLocale reports whether the locale's characters are UTF-8. A machine that sets no locale at all
// still usually serves a terminal that knows them.
func unicodeLocale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToUpper(getenv(name)); v != "" {
			return v != "C" && v != "POSIX" && (strings.Contains(v, "UTF-8") || strings.Contains(v, "UTF8"))
		}
	}
	return getenv("TERM") != "linux" && getenv("TERM") != "dumb"
}

func (t Theme) style() widget.Style { return widget.Style{ASCII: t.ASCII} }

// paint is the one door through which text reaches the terminal: it is cleaned, cut to width columns
// and coloured here.
func (t Theme) paint(line widget.Line, width int) string {
	var b strings.Builder
	colours := sgr[t.Palette]
	open := widget.Plain
	turn := func(role widget.Role) {
		if colours[role] == colours[open] {
			return
		}
		if colours[open] != "" {
			b.WriteString("\x1b[0m")
		}
		if colours[role] != "" {
			b.WriteString("\x1b[" + colours[role] + "m")
		}
		open = role
	}
	last := len(line) - 1
	for last >= 0 && strings.TrimSpace(line[last].Text) == "" {
		last--
	}
	for i, s := range line[:last+1] {
		text := show.Clean(s.Text, t.ASCII)
		if i == last {
			text = strings.TrimRight(text, " ")
		}
		cut := show.Columns(text) > width
		text = show.Cut(text, width, t.style().Mark())
		if width -= show.Columns(text); text == "" {
			continue
		}
		if strings.TrimLeft(text, " ") != "" {
			turn(s.Role)
		}
		b.WriteString(text)
		if cut || width <= 0 {
			break
		}
	}
	turn(widget.Plain)
	return b.String()
}
