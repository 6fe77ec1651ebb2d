package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"dbtriage/ui/show"
)

func TestMarkdownIsTidy(t *testing.T) {
	for _, c := range cases {
		got := render(t, "markdown", c.report(), Style{})
		checkSafe(t, c.name, got)
		for _, problem := range lint(got) {
			t.Errorf("%s: %s", c.name, problem)
		}
		for _, problem := range markup(got) {
			t.Errorf("%s: %s", c.name, problem)
		}
	}
}

// The guards see what they are there for.
func TestLintSees(t *testing.T) {
	for _, bad := range []string{
		"text\n", "# A\n\n# B\n", "# A\ntext\n", "# A\n\ntext \n", "# A\n\na\tb\n", "# A\n\n| a | b |\n| --- | --- |\n| 1 |\n",
		"# A\n\n| a | b |\n| --- | --- |\n| 1 \\\\| 2 | 3 |\n", "# A\n\n```\nx\n```\n", "# A\n\n```sql\nx\n", "# A\n\ntext\n- item\n", "# A\n\na <b>c</b>\n", "# A\n\n- item\ntext\n\n\n", "# A\n\n### C\n",
	} {
		if len(lint(bad)) == 0 {
			t.Errorf("lint takes %q", bad)
		}
	}
	for _, bad := range []string{"# A\n\n[x](javascript:y)\n", "# A\n\n![x](http://y)\n", "# A\n\nhttp://example.org/\n", "# A\n\n<script>\n"} {
		if len(markup(bad)) == 0 {
			t.Errorf("markup takes %q", bad)
		}
	}
}

var (
	fenceLine = regexp.MustCompile("^(```+)([a-z]*)$")
	ownHTML   = regexp.MustCompile(`^(<details>|</details>|<summary>[^<>]*</summary>)$`)
)

// lint returns what the rules of tidy Markdown have against a page: one H1 and it comes first,
// levels rise by one, empty lines around blocks and never two, no space at the end of a line, no
// tabs, labelled and closed fences, as many cells in each row as in the head, no HTML of others.
func lint(page string) []string {
	var out []string
	say := func(n int, format string, args ...any) {
		out = append(out, fmt.Sprintf("line %d: ", n+1)+fmt.Sprintf(format, args...))
	}
	lines := strings.Split(strings.TrimSuffix(page, "\n"), "\n")
	kind := func(i int) string {
		if i < 0 || i >= len(lines) {
			return "empty"
		}
		switch l := lines[i]; {
		case l == "":
			return "empty"
		case strings.HasPrefix(l, "#"):
			return "heading"
		case strings.HasPrefix(l, "- "):
			return "list"
		case strings.HasPrefix(l, "| "):
			return "table"
		case strings.HasPrefix(l, "```"):
			return "fence"
		case ownHTML.MatchString(l):
			return "html"
		}
		return "text"
	}
	level, titles, cells, fence := 0, 0, 0, ""
	for i, l := range lines {
		if fence != "" {
			if l == fence {
				fence = ""
				if kind(i+1) != "empty" {
					say(i, "no empty line after a fence")
				}
			}
			continue
		}
		if strings.TrimRight(l, " ") != l {
			say(i, "space at the end")
		}
		if strings.Contains(l, "\t") {
			say(i, "tab")
		}
		k, before := kind(i), kind(i-1)
		if k != "empty" && before != "empty" && !(k == before && (k == "list" || k == "table" || k == "html" || k == "text")) {
			say(i, "%s next to %s", k, before)
		}
		if k != "table" {
			cells = 0
		}
		switch k {
		case "empty":
			if before == "empty" && i > 0 {
				say(i, "two empty lines")
			}
		case "heading":
			n := len(l) - len(strings.TrimLeft(l, "#"))
			if n == 1 {
				titles++
			}
			if n > level+1 || i == 0 && n != 1 || !strings.HasPrefix(l[n:], " ") {
				say(i, "heading %q after level %d", l, level)
			}
			level = n
		case "fence":
			m := fenceLine.FindStringSubmatch(l)
			if m == nil || m[2] == "" {
				say(i, "fence without a label")
				fence = "```"
				continue
			}
			fence = m[1]
		case "table":
			n := cellsOf(l)
			if cells == 0 {
				cells = n
			}
			if n != cells {
				say(i, "%d cells, the head has %d", n, cells)
			}
		}
		if k != "html" && regexp.MustCompile(`(^|[^\\])<[a-zA-Z/!?]`).MatchString(withoutCode(l)) {
			say(i, "HTML: %q", l)
		}
	}
	if titles != 1 || level == 0 {
		out = append(out, fmt.Sprintf("%d titles", titles))
	}
	if fence != "" {
		out = append(out, "a fence is not closed")
	}
	return out
}

// cellsOf counts the cells of a table row as the strictest reader does, for which a backslash
// before a backslash frees the pipe after both.
func cellsOf(row string) int {
	n := 0
	for i := 0; i < len(row); i++ {
		switch row[i] {
		case '\\':
			i++
		case '|':
			n++
		}
	}
	return n - 1
}

// withoutCode drops code spans.
func withoutCode(l string) string {
	var out strings.Builder
	for i := 0; i < len(l); {
		if l[i] == '\\' && i+1 < len(l) {
			out.WriteString(l[i : i+2])
			i += 2
			continue
		}
		if l[i] != '`' {
			out.WriteByte(l[i])
			i++
			continue
		}
		n := ticks(l[i:])
		end := -1
		for j := i + n; j < len(l); j += max(1, ticks(l[j:])) {
			if ticks(l[j:]) == n {
				end = j + n
				break
			}
		}
		if end < 0 {
			return out.String() + l[i:]
		}
		i = end
	}
	return out.String()
}

func ticks(s string) int { return len(s) - len(strings.TrimLeft(s, "`")) }

var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// markup returns what a page holds that only an author could want: links, images, HTML but for
// folded parts, struck text.
func markup(page string) []string {
	var out []string
	source := []byte(page)
	_ = ast.Walk(gfm.Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link, *ast.Image, *ast.AutoLink, *ast.RawHTML, *east.Strikethrough, *east.TaskCheckBox, *ast.Blockquote, *ast.CodeBlock:
			out = append(out, fmt.Sprintf("%s in the page", n.Kind()))
		case *ast.HTMLBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				if l := strings.TrimSpace(string(line.Value(source))); l != "" && !ownHTML.MatchString(l) {
					out = append(out, "HTML "+l)
				}
			}
		}
		return ast.WalkContinue, nil
	})
	return out
}

// FuzzEscape holds the promises of the escapes for any bytes.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", evil, "`", "``", "\\", "\\|", "a\\\\|b", "|", "1. x", "12)", "- x", "+ x", "# x", "> x", "= x", "---", "_a_ b_c", "*x*", "~~x~~", "[x]: /y",
		"http://a.b", "www.a.b", "a@b.c", "&lt;", "$x$", "<b>", "![a](b)", " `x` ", "\x00", "\xff", "\u202e", "x\\", "`\\`|`", "\\`|\\`"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, ascii := range []bool{false, true} {
			line := show.OneLine(s, ascii)
			checkSafe(t, "clean", line)
			if strings.Contains(line, "\n") || show.Clean(show.Clean(s, ascii), ascii) != show.Clean(s, ascii) {
				t.Errorf("clean(%q) = %q", s, line)
			}
			for n := 2; n < 12; n++ {
				for _, l := range append(show.Wrap(line, n), show.Cut(line, n, "…"), show.CutLeft(line, n, "…")) {
					if show.Columns(l) > n {
						t.Errorf("%q has %d columns, not %d", l, show.Columns(l), n)
					}
				}
			}
			proseStays(t, line, mdText(s, ascii))
			cellStays(t, line, mdCode(s, ascii))
			spanStays(t, line, mdSpan(s, ascii))
			fenceStays(t, mdFence("sql", s, ascii))
		}
	})
}

// proseStays fails when prose is more than text, or another text than what went in.
func proseStays(t *testing.T, want, escaped string) {
	t.Helper()
	for _, page := range []string{escaped, "- " + escaped, "| a | b |\n| --- | --- |\n| " + escaped + " | x |"} {
		checkSafe(t, "prose", page)
		source := []byte(page)
		root := gfm.Parse(text.NewReader(source))
		var got strings.Builder
		_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if !entering {
				return ast.WalkContinue, nil
			}
			switch n := n.(type) {
			case *ast.Text:
				v := n.Segment.Value(source)
				if _, code := n.Parent().(*ast.CodeSpan); !code {
					v = unescape(v)
				}
				got.Write(v)
			case *ast.String:
				got.Write(n.Value)
			case *ast.Document, *ast.Paragraph, *ast.TextBlock, *ast.CodeSpan, *east.Table, *east.TableHeader, *east.TableRow, *east.TableCell:
			case *ast.List, *ast.ListItem:
				if !strings.HasPrefix(page, "- ") {
					t.Errorf("%q became a list", page)
				}
			default:
				t.Errorf("%q became %s", page, n.Kind())
			}
			return ast.WalkContinue, nil
		})
		expect := want
		if strings.HasPrefix(page, "| ") {
			expect = "ab" + want + "x"
			if n := cellsOf(strings.Split(page, "\n")[2]); n != 2 {
				t.Errorf("%q has %d cells", page, n)
			}
		}
		if got.String() != expect {
			t.Errorf("%q reads as %q, not as %q", page, got.String(), expect)
		}
	}
}

// unescape drops the backslash before ASCII punctuation.
func unescape(b []byte) []byte {
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", b[i+1]) >= 0 {
			i++
		}
		out = append(out, b[i])
	}
	return out
}

// cellStays fails when code in a table cell is not one code span in the one cell it was put in.
func cellStays(t *testing.T, want, code string) {
	t.Helper()
	if want == "" {
		return
	}
	row := "| x | " + code + " | y |"
	if n := cellsOf(row); n != 3 {
		t.Errorf("%q has %d cells for a strict reader", row, n)
	}
	source := []byte("| a | b | c |\n| --- | --- | --- |\n" + row + "\n")
	var cells, spans int
	var inside strings.Builder
	_ = ast.Walk(gfm.Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *east.TableCell:
			cells++
			if cells == 5 && (n.ChildCount() != 1 || n.FirstChild().Kind() != ast.KindCodeSpan) {
				t.Errorf("%q is not one code span", row)
			}
		case *ast.CodeSpan:
			spans++
		case *ast.Text:
			if _, ok := n.Parent().(*ast.CodeSpan); ok {
				inside.Write(n.Segment.Value(source))
			}
		}
		return ast.WalkContinue, nil
	})
	if cells != 6 || spans != 1 {
		t.Errorf("%q has %d cells and %d code spans", row, cells, spans)
	}
	if got, want := strings.NewReplacer(`\|`, "|", `\x5c`, `\`).Replace(inside.String()), strings.ReplaceAll(want, `\x5c`, `\`); got != want {
		t.Errorf("%q reads as %q, not %q", row, got, want)
	}
}

// spanStays fails when a code span in prose is not one, or reads as another text than what went in.
func spanStays(t *testing.T, want, code string) {
	t.Helper()
	if want == "" {
		return
	}
	source := []byte("query " + code + " of it\n")
	checkSafe(t, "span", code)
	var spans int
	var inside strings.Builder
	_ = ast.Walk(gfm.Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Document, *ast.Paragraph:
		case *ast.CodeSpan:
			spans++
		case *ast.Text:
			if _, ok := n.Parent().(*ast.CodeSpan); ok {
				inside.Write(n.Segment.Value(source))
			}
		default:
			t.Errorf("%q became %s", source, n.Kind())
		}
		return ast.WalkContinue, nil
	})
	if spans != 1 || inside.String() != want {
		t.Errorf("%q has %d code spans and reads as %q, not %q", source, spans, inside.String(), want)
	}
}

// fenceStays fails when a fenced block is not all of its page.
func fenceStays(t *testing.T, block string) {
	t.Helper()
	checkSafe(t, "fence", block)
	root := gfm.Parse(text.NewReader([]byte(block)))
	if root.ChildCount() != 1 || root.FirstChild().Kind() != ast.KindFencedCodeBlock {
		t.Errorf("%q is not one fenced block", block)
	}
}
