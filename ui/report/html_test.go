package report

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
)

// The elements and attributes that a page may have; none of them loads, runs or leads anywhere.
var (
	pageElements   = strings.Fields("html head meta title style body h1 h2 h3 h4 p ul li strong em code pre hr br table thead tbody tr th td details summary figure figcaption span svg path rect")
	pageAttributes = strings.Fields("lang charset http-equiv content name class style viewBox preserveAspectRatio role aria-label d x y width height")
)

// foreign returns what a page has that it should not: it is read as a browser reads elements.
func foreign(page string) (out []string) {
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			return append(out, err.Error())
		}
		switch e := token.(type) {
		case xml.StartElement:
			if !slices.Contains(pageElements, e.Name.Local) {
				out = append(out, "element "+e.Name.Local)
			}
			for _, a := range e.Attr {
				name := a.Name.Local
				if a.Name.Space != "" {
					name = a.Name.Space + ":" + name
				}
				if !slices.Contains(pageAttributes, name) || name == "style" && !strings.HasPrefix(a.Value, "text-align:") {
					out = append(out, "attribute "+name+" of "+e.Name.Local)
				}
				if name == "class" && !strings.HasPrefix(a.Value, "language-") {
					out = append(out, "class "+a.Value)
				}
			}
		case xml.Comment:
			out = append(out, "comment "+string(e))
		}
	}
}

// Hostile text is text on the page, and nothing of it is fetched, run or followed.
func TestHTMLHoldsNothingForeign(t *testing.T) {
	for _, c := range cases {
		r := c.report()
		r.Options.Samples = true
		got := render(t, "html", r, Style{})
		checkSafe(t, c.name, got)
		for _, problem := range foreign(got) {
			t.Errorf("%s: %s", c.name, problem)
		}
		head, _, _ := strings.Cut(got, "</style>")
		for _, bad := range []string{"url(", "@import", "src=", "href"} {
			if strings.Contains(head, bad) {
				t.Errorf("%s: the head has %s", c.name, bad)
			}
		}
		if n := strings.Count(got, "<html"); n != 1 || strings.Contains(got, "raw HTML omitted") {
			t.Errorf("%s: %d pages, or an element of our own was left out", c.name, n)
		}
	}
	if page := render(t, "html", hostile(), Style{}); !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("the hostile text is not there")
	}
}

// The guard sees what it is there for.
func TestForeignSees(t *testing.T) {
	for _, bad := range []string{"<script>x</script>", `<img src="http://e.org/x.png">`, `<p onclick="x()">a</p>`, `<a href="javascript:x">a</a>`, "<p style=\"background:url(x)\">a</p>",
		"<!-- x -->", "<svg><image/></svg>", "<link/>"} {
		if len(foreign("<body>"+bad+"</body>")) == 0 {
			t.Errorf("taken: %s", bad)
		}
	}
}

// The bad window is shaded on each curve, where there is one.
func TestHTMLShadesTheBadWindow(t *testing.T) {
	got := render(t, "html", incident(Options{}), Style{})
	if n := strings.Count(got, "<svg"); n != 5 || strings.Count(got, "<rect") != n {
		t.Errorf("%d curves, %d shaded", n, strings.Count(got, "<rect"))
	}
	// 13:57 of 13:37 to 14:02.
	if !strings.Contains(got, `<rect x="800.0" y="0" width="200.0"`) {
		t.Error("the shade is not where the onset is")
	}
	if got := render(t, "html", healthy(), Style{}); strings.Contains(got, "<rect") || !strings.Contains(got, "<svg") {
		t.Error("a healthy report has a shade, or no curve")
	}
}
