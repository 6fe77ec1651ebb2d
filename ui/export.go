package ui

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/ui/report"
	"dbtriage/ui/show"
)

// formatOf chooses the format of a report by the ending of its file.
func formatOf(path string) (report.Format, error) {
	endings := map[string]string{".md": "markdown", ".txt": "text", ".json": "json", ".html": "html"}
	f, ok := report.Named(endings[strings.ToLower(filepath.Ext(path))])
	if !ok {
		return f, errors.New("end the name in .md, .txt, .html, .json or .csv")
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
	csv, delta := a.tableCSV(), ""
	if a.baseline != nil {
		delta = plainText(compared(comparison(a.baseline, a.view), a.baseline, a.view, markdownWidth))
	}
	a.prompt = &prompt{
		label: "to (.md .txt .html .json; .csv: this table):", text: "dbtriage-" + instant(a.view.state.At).Format("20060102-150405") + ".md",
		done: func(_ *App, path string) (tea.Cmd, error) {
			path, err := atHome(path)
			if err != nil {
				return nil, err
			}
			write := func(w io.Writer) error { _, err := io.WriteString(w, csv); return err }
			if !strings.EqualFold(filepath.Ext(path), ".csv") {
				format, err := formatOf(path)
				if err != nil {
					return nil, err
				}
				write = func(w io.Writer) error { return errors.Join(format.Write(w, r, style), writeDelta(w, path, delta)) }
			}
			return func() tea.Msg { return doneMsg{export(path, write)} }, nil
		},
	}
	return nil
}

// atHome is a path in which ~ stands for the reader's home, as a shell has it.
func atHome(path string) (string, error) {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && rest[0] != '/' { // ~name is another's, and a shell's matter
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("~ has no meaning here: HOME is not set")
	}
	return home + rest, nil
}

// tableCSV is the table that has the cursor, as it is sorted and filtered.
func (a *App) tableCSV() string {
	panels := a.panels()
	i := a.focused(panels)
	if i < 0 || panels[i].table == nil {
		return ""
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	var line []string
	for _, c := range panels[i].table.Columns {
		line = append(line, c.Name)
	}
	_ = w.Write(line) // into memory
	rows, _ := a.rows(&panels[i])
	for _, r := range rows {
		line = line[:0]
		for _, c := range r.Cells {
			line = append(line, show.Sheet(c.Text))
		}
		_ = w.Write(line)
	}
	w.Flush()
	return text.String()
}

// writeDelta adds what changed since the baseline that the reader has marked.
func writeDelta(w io.Writer, path, delta string) error {
	var err error
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case delta == "":
	case ext == ".md":
		_, err = io.WriteString(w, "\n## Compared with the baseline\n\n"+report.Fence(delta))
	case ext == ".txt":
		_, err = io.WriteString(w, "\nCOMPARED WITH THE BASELINE\n\n"+show.Clean(delta, false))
	}
	return err
}

// export writes a file and says what came of it.
func export(path string, write func(io.Writer) error) string {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return show.Line(path) + " exists already; x asks for another name."
	}
	if err != nil {
		return "The report was not written: " + show.Line(err.Error())
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return "The report was not written whole: " + show.Line(err.Error())
	}
	return "The report is in " + show.Line(path)
}
