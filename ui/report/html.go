package report

import (
	"bufio"
	"bytes"
	"fmt"
	"html"
	"io"
	"math"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// WriteHTML writes the report as one page that needs nothing else: no script, no font, no picture and
// no address of another machine. It is the Markdown report, in which all text from logs is escaped,
// made into HTML by a renderer that lets no HTML through; the few elements of the page's own are
// written between its parts, and the curves are drawn.
func WriteHTML(w io.Writer, r *Report, style Style) error {
	var markdown bytes.Buffer
	out := bufio.NewWriter(w)
	d := &doc{w: bufio.NewWriter(&markdown), r: r, ascii: style.ASCII}
	renderer := goldmark.New(goldmark.WithExtensions(extension.Table))
	rendered := func() {
		d.w.Flush() // to memory
		if err := renderer.Convert(markdown.Bytes(), out); err != nil && d.err == nil {
			d.err = err
		}
		markdown.Reset()
	}
	d.raw = func(element string) {
		rendered()
		out.WriteString(element + "\n")
	}
	lang := "en"
	if strings.HasPrefix(r.Options.Lang, "zh") {
		lang = "zh"
	}
	title := show.OneLine(r.Headline(r.Options.Lang), style.ASCII && lang == "en")
	fmt.Fprintf(out, htmlHead, lang, html.EscapeString(title))
	d.all()
	rendered()
	out.WriteString("</body>\n</html>\n")
	if err := out.Flush(); d.err == nil {
		d.err = err
	}
	return d.err
}

// The policy is a second fence behind escaping: a browser runs and fetches nothing for this page.
const htmlHead = `<!DOCTYPE html>
<html lang="%s">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<style>
:root { --ink: #1b1f24; --paper: #fff; --faint: #59636e; --line: #d1d9e0; --band: #f6f8fa; --curve: #0969da; --bad: #cf222e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9198a1; --line: #3d444d; --band: #151b23; --curve: #4493f8; --bad: #f85149 }
}
@media print { :root { --ink: #000; --paper: #fff; --faint: #444; --line: #aaa; --band: #f4f4f4; --curve: #0550ae; --bad: #a40e26 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 70rem; margin: 0 auto; padding: 1rem 1.5rem }
h1 { font-size: 1.6rem; border-left: .4rem solid var(--bad); padding-left: .8rem }
h2 { font-size: 1.2rem; border-bottom: 1px solid var(--line); margin-top: 2rem; padding-bottom: .2rem }
h1, h2, h3 { line-height: 1.25; break-after: avoid }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: left; vertical-align: top }
th { color: var(--faint); font-weight: 600 }
code, pre { font: .87em/1.45 ui-monospace, monospace; background: var(--band); overflow-wrap: anywhere }
pre { padding: .6rem; overflow-x: auto; white-space: pre-wrap }
summary { cursor: pointer; color: var(--faint) }
figure { margin: .8rem 0; break-inside: avoid }
figcaption { display: flex; justify-content: space-between; color: var(--faint); font-size: .87rem }
svg { display: block; width: 100%%; height: 6rem; background: var(--band) }
svg path { fill: none; stroke: var(--curve); stroke-width: 1.5; stroke-linejoin: round; vector-effect: non-scaling-stroke }
svg rect { fill: var(--bad); opacity: .14 }
</style>
</head>
<body>
`

// chartPoints is how many points a drawn curve has at most.
const chartPoints = 300

// charts draws the curves of the report over its time, the bad part of which is shaded.
func (d *doc) charts() {
	curves, s := d.r.drawn(d.ascii, chartPoints)
	if len(curves) == 0 {
		return
	}
	d.heading(2, d.word("Over time"))
	span := show.Span(s.Start*1e6, s.End*1e6, " – ") + " UTC"
	if d.r.HasBaseline() {
		bad := d.r.Now()
		span += ", " + d.word("shaded") + " " + show.Clock(bad.From) + "–" + show.Clock(bad.To)
	}
	d.para(d.text(span))
	for _, c := range curves {
		d.raw(d.r.figure(s, c.values, d.word(c.name), d.word("peak")+" "+c.peak))
	}
}

// figure draws one curve from zero to its peak. Where nothing is known it has a hole.
func (r *Report) figure(s Series, values []float64, name, note string) string {
	const width, height, margin = 1000.0, 100.0, 4.0
	high, _ := widget.Peak(values)
	x := func(at int64) float64 { return float64(at-s.Start) / float64(max(s.End-s.Start, 1)) * width }
	var shade, path strings.Builder
	if bad := r.Now(); r.HasBaseline() {
		from, to := max(x(bad.From), 0), min(x(bad.To), width)
		if to > from {
			fmt.Fprintf(&shade, `<rect x="%.1f" y="0" width="%.1f" height="%.0f"/>`, from, to-from, height)
		}
	}
	down := false
	for i, v := range values {
		if math.IsNaN(v) {
			down = false
			continue
		}
		y := height - margin
		if high > 0 {
			y -= v / high * (height - 2*margin)
		}
		at := min(x(s.Start+int64(i)*s.Width), width)
		to := min(x(s.Start+int64(i+1)*s.Width), width)
		pen := "L"
		if !down {
			pen = "M"
		}
		// A point is a mean over its width: it is drawn as a step, and one alone is seen.
		fmt.Fprintf(&path, "%s%.1f %.1fH%.1f", pen, at, y, to)
		down = true
	}
	return fmt.Sprintf(`<figure>
<figcaption><span>%s</span><span>%s</span></figcaption>
<svg viewBox="0 0 %.0f %.0f" preserveAspectRatio="none" role="img" aria-label="%s">%s<path d="%s"/></svg>
<figcaption><span>%s</span><span>%s</span></figcaption>
</figure>`, html.EscapeString(name), html.EscapeString(note), width, height, html.EscapeString(name+", "+note), shade.String(), path.String(),
		html.EscapeString(show.Clock(s.Start)), html.EscapeString(show.Clock(s.End)))
}
