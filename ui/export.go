package ui

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/ui/report"
	"dbtriage/ui/show"
)

// formatOf chooses the format of a report by the ending of its file.
func formatOf(path string) (report.Format, error) {
	endings := map[string]string{".md": "markdown", ".txt": "text", ".json": "json"}
	f, ok := report.Named(endings[strings.ToLower(filepath.Ext(path))])
	if !ok {
		return f, errors.New("end the name in .md, .txt or .json")
	}
	return f, nil
}

// askExport asks where the report of what is shown goes. An existing file is never replaced.
func (a *App) askExport() tea.Cmd {
	if a.view == nil {
		a.message = "Nothing has been read yet."
		return nil
	}
	r := a.view.report
	style := report.Style{ASCII: a.options.Theme.ASCII}
	a.prompt = &prompt{
		label: "write the report to:", text: "dbtriage-" + instant(a.view.state.At).Format("20060102-150405") + ".md",
		done: func(_ *App, path string) (tea.Cmd, error) {
			format, err := formatOf(path)
			if err != nil {
				return nil, err
			}
			return func() tea.Msg { return doneMsg{export(path, format, r, style)} }, nil
		},
	}
	return nil
}

// export writes a report and says what came of it.
func export(path string, format report.Format, r *report.Report, style report.Style) string {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return show.Line(path) + " exists already; x asks for another name."
	}
	if err != nil {
		return "The report was not written: " + show.Line(err.Error())
	}
	if err := errors.Join(format.Write(f, r, style), f.Close()); err != nil {
		return "The report was not written whole: " + show.Line(err.Error())
	}
	return "The report is in " + show.Line(path)
}
