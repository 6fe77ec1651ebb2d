// Package quiet keeps the program from asking the terminal for its colours when it starts.
//
// bubbletea v1 asks in a package init, on every run of the binary, and waits up to five seconds for
// an answer that many terminals never give. Told the answer beforehand it does not ask. The order is
// that of import paths among packages whose imports are initialised: this one imports lipgloss alone
// and sorts before github.com. TestSilentTerminal of cmd/dbtriage guards it.
package quiet

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
