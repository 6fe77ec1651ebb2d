package logs

import (
	"fmt"
	"slices"
	"strings"
)

// A ConfFormat is a log_format directive of an nginx.conf.
type ConfFormat struct {
	Name   string
	Escape string // default, json or none; empty when not given
	Text   string // the format, its parts joined
}

// A ConfAccessLog is an access_log directive: which file is written in which format.
type ConfAccessLog struct {
	Path   string
	Format string // "combined" when the directive names none
}

// A NginxConf is what an nginx.conf says of its access logs. ReadNginxConf follows included files.
type NginxConf struct {
	Formats    []ConfFormat
	AccessLogs []ConfAccessLog
}

// ParseNginxConf reads the directives about access logs out of the text of an nginx.conf, at any
// depth of its blocks. With an error it returns what came before.
func ParseNginxConf(text string) (NginxConf, error) {
	var conf NginxConf
	err := WalkNginxConf(text, func(_ [][]string, words []string) { conf.directive(words) })
	return conf, err
}

// maxBlocks bounds how deep blocks may lie in each other.
const maxBlocks = 100

// WalkNginxConf calls visit with each directive of an nginx.conf and the blocks around it, the outermost
// first: a block is the words before its brace. The words of a directive that opens a block end with
// "{". visit must not keep them.
func WalkNginxConf(text string, visit func(blocks [][]string, words []string)) error {
	c := confLexer{text: text, line: 1}
	var words []string
	var blocks [][]string
	for {
		word, kind, err := c.next()
		if err != nil {
			return fmt.Errorf("nginx.conf: line %d: %w", c.line, err)
		}
		switch kind {
		case confEnd:
			return nil
		case confWord:
			words = append(words, word)
			continue
		case confOpen:
			if len(words) > 0 && strings.HasSuffix(words[0], "_by_lua_block") {
				c.skipBlock()
				break
			}
			if len(blocks) >= maxBlocks {
				return fmt.Errorf("nginx.conf: line %d: more than %d blocks in each other", c.line, maxBlocks)
			}
			if len(words) > 0 {
				visit(blocks, append(words, "{"))
			} else {
				words = []string{""}
			}
			blocks = append(blocks, slices.Clone(words))
		case confClose:
			if len(blocks) > 0 {
				blocks = blocks[:len(blocks)-1]
			}
		case confSemicolon:
			if len(words) > 0 {
				visit(blocks, words)
			}
		}
		words = words[:0]
	}
}

func (c *NginxConf) directive(words []string) {
	if len(words) < 2 {
		return
	}
	switch words[0] {
	case "log_format":
		f := ConfFormat{Name: words[1]}
		parts := words[2:]
		if len(parts) > 0 {
			if escape, ok := strings.CutPrefix(parts[0], "escape="); ok {
				f.Escape = escape
				parts = parts[1:]
			}
		}
		f.Text = strings.Join(parts, "")
		c.Formats = append(c.Formats, f)
	case "access_log":
		if words[1] == "off" {
			return
		}
		log := ConfAccessLog{Path: words[1], Format: "combined"}
		if len(words) > 2 && !strings.Contains(words[2], "=") {
			log.Format = words[2]
		}
		c.AccessLogs = append(c.AccessLogs, log)
	}
}

type confKind uint8

const (
	confEnd confKind = iota
	confWord
	confSemicolon
	confOpen
	confClose
)

// A confLexer cuts the text of an nginx.conf into words and punctuation.
type confLexer struct {
	text string
	line int
}

func (c *confLexer) next() (word string, kind confKind, err error) {
	for {
		c.text = strings.TrimLeftFunc(c.text, func(r rune) bool {
			if r == '\n' {
				c.line++
			}
			return r == ' ' || r == '\t' || r == '\r' || r == '\n'
		})
		if !strings.HasPrefix(c.text, "#") {
			break
		}
		end := strings.IndexByte(c.text, '\n')
		if end < 0 {
			return "", confEnd, nil
		}
		c.text = c.text[end:]
	}
	if c.text == "" {
		return "", confEnd, nil
	}
	switch first := c.text[0]; first {
	case ';', '{', '}':
		c.text = c.text[1:]
		return "", map[byte]confKind{';': confSemicolon, '{': confOpen, '}': confClose}[first], nil
	case '"', '\'':
		return c.quoted(first)
	}
	return c.bare()
}

// quoted reads a string; a backslash before a quote, a backslash, t, r or n stands for what Nginx
// takes it for, and for itself before anything else.
func (c *confLexer) quoted(quote byte) (word string, kind confKind, err error) {
	var b strings.Builder
	start := c.line
	for i := 1; i < len(c.text); i++ {
		switch ch := c.text[i]; {
		case ch == quote:
			c.text = c.text[i+1:]
			return b.String(), confWord, nil
		case ch == '\\' && i+1 < len(c.text):
			i++
			b.WriteString(confEscape(c.text[i]))
		default:
			if ch == '\n' {
				c.line++
			}
			b.WriteByte(ch)
		}
	}
	c.line = start
	return "", confEnd, fmt.Errorf("a string that begins with %c does not end", quote)
}

func (c *confLexer) bare() (word string, kind confKind, err error) {
	var b strings.Builder
	i := 0
	for ; i < len(c.text); i++ {
		ch := c.text[i]
		if ch == '\\' && i+1 < len(c.text) {
			i++
			b.WriteString(confEscape(c.text[i]))
			continue
		}
		if ch == '$' && i+1 < len(c.text) && c.text[i+1] == '{' { // ${name} opens no block
			b.WriteString("${")
			i++
			continue
		}
		if strings.IndexByte(" \t\r\n;{", ch) >= 0 || ch == '}' && !strings.Contains(b.String(), "${") {
			break
		}
		b.WriteByte(ch)
	}
	c.text = c.text[i:]
	return b.String(), confWord, nil
}

func confEscape(ch byte) string {
	switch ch {
	case '"', '\'', '\\':
		return string(ch)
	case 't':
		return "\t"
	case 'r':
		return "\r"
	case 'n':
		return "\n"
	}
	return string([]byte{0x5c, ch})
}

// skipBlock passes over a block of Lua code: braces in its strings and comments do not count.
func (c *confLexer) skipBlock() {
	var quote byte
	for depth := 1; depth > 0 && c.text != ""; c.text = c.text[1:] {
		switch ch := c.text[0]; {
		case ch == '\n':
			c.line++
			quote = 0
		case quote == '#': // in a comment
		case ch == '\\' && quote != 0 && len(c.text) > 1 && c.text[1] != '\n':
			c.text = c.text[1:]
		case quote != 0:
			if ch == quote {
				quote = 0
			}
		case ch == '"' || ch == '\'':
			quote = ch
		case ch == '-' && strings.HasPrefix(c.text, "--"):
			quote = '#'
		case ch == '{':
			depth++
		case ch == '}':
			depth--
		}
	}
}
