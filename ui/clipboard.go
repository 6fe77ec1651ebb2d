package ui

import (
	"encoding/base64"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/ui/show"
)

// maxCopied bounds what is sent to the clipboard: terminals refuse longer sequences.
const maxCopied = 64 << 10

// copy puts text on the reader's clipboard, through SSH too. Control characters are spelled out: what
// comes from a log must not act where it is pasted.
func (a *App) copy(text string) tea.Cmd {
	if text == "" {
		a.message = "There is nothing to copy here."
		return nil
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = show.Clean(l, false)
	}
	text = strings.Join(lines, "\n")
	if len(text) > maxCopied {
		a.message = "That is too long for the clipboard. x writes it to a file."
		return nil
	}
	if a.options.Terminal.Send == nil {
		return nil
	}
	a.options.Terminal.Send(clipboardSequence(text, a.options.Tmux))
	a.message = "Copied, if the terminal lets programs write its clipboard (OSC 52): " + show.Cut(lines[0], 40, "...")
	return nil
}

// clipboardSequence is OSC 52; tmux passes on what is wrapped for it, where its configuration allows.
func clipboardSequence(text string, tmux bool) string {
	seq := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\x07"
	if tmux {
		return seq + "\x1bPtmux;" + strings.ReplaceAll(seq, "\x1b", "\x1b\x1b") + "\x1b\\"
	}
	return seq
}
