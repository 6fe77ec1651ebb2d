package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/ui/show"
	"dbtriage/ui/termout"
)

// Run shows the UI on a terminal until the reader quits or ctx ends, and leaves the terminal as it was,
// after a panic too.
func Run(ctx context.Context, source Source, in, out *os.File, opt Options) error {
	screen := termout.Open(out)
	defer screen.Close()
	opt.Terminal = Terminal{
		Send: screen.Send, Suspend: screen.Suspend, Resume: screen.Resume, Repaint: screen.Repaint,
		Cost: func() Cost { s := screen.Stats(); return Cost{Bytes: s.Last, Slow: s.Slow} },
	}
	p := &painted{app: New(source, opt), screen: screen}
	// The screen paints; bubbletea reads keys and sizes and runs commands.
	program := tea.NewProgram(p, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out),
		tea.WithoutRenderer(), tea.WithoutSignalHandler(), tea.WithoutCatchPanics())
	_, err := program.Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, p.failed)
}

// painted is an App whose frames go to a screen. A panic ends it with an error, so that the terminal is
// given back first.
type painted struct {
	app    *App
	screen *termout.Screen
	failed error
}

func (p *painted) Init() tea.Cmd { return p.guard(p.app.Init()) }

func (p *painted) Update(msg tea.Msg) (m tea.Model, cmd tea.Cmd) {
	m = p
	defer func() {
		if r := recover(); r != nil {
			p.failed = fault(r)
			cmd = tea.Quit
		}
	}()
	if f, ok := msg.(commandFault); ok {
		p.failed = f.error
		return p, tea.Quit
	}
	_, cmd = p.app.Update(msg)
	if p.failed == nil {
		p.screen.Show(p.app.Lines(), p.app.width)
	}
	return p, p.guard(cmd)
}

// View has nothing to do: Update has handed over the frame.
func (p *painted) View() string { return "" }

// A commandFault is a panic in a command.
type commandFault struct{ error }

// guard makes a panic in a command a message.
func (p *painted) guard(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = commandFault{fault(r)}
			}
		}()
		return cmd()
	}
}

// fault describes a panic: what, and where.
func fault(r any) error {
	var where []string
	for _, l := range strings.Split(string(debug.Stack()), "\n") {
		if strings.Contains(l, ".go:") && !strings.Contains(l, "runtime/") && len(where) < 8 {
			where = append(where, strings.TrimSpace(l))
		}
	}
	return fmt.Errorf("this is a fault of dbtriage: %s\n  %s", show.Line(fmt.Sprint(r)), strings.Join(where[min(2, len(where)):], "\n  "))
}
