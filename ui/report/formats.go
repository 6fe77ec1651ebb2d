package report

import "io"

// A Style is how the place that a report is written to looks: the command decides it from the
// terminal, NO_COLOR and the locale.
type Style struct {
	Colour bool // ANSI colours, in the text format only
	Width  int  // columns of the text format, 40 to 160; 0 is 80
	ASCII  bool // no character outside ASCII in lines, bars, sparks and text from logs
}

// A Format writes a report.
type Format struct {
	Name  string
	Write func(io.Writer, *Report, Style) error
}

// Formats is the table of export formats, the default first.
var Formats = []Format{
	{"text", WriteText},
	{"markdown", WriteMarkdown},
	{"html", WriteHTML},
	{"json", WriteJSON},
}

// Named returns the format of that name.
func Named(name string) (Format, bool) {
	for _, f := range Formats {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}
