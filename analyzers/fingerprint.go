package analyzers

import (
	"crypto/md5"
	"encoding/binary"
	"strings"

	"github.com/percona/go-mysql/query"
)

// MaxFingerprint bounds the text kept of one fingerprint, in bytes; the id is of the whole.
const MaxFingerprint = 8 << 10

// Fingerprint returns percona/go-mysql's fingerprint of a statement and the id PMM shows for it.
//
// Note: Fingerprint panics on statements that end in "values(1)" or "in(1)"; with a space behind
// them it never did on 45,160 real ones, and gives the same result for all others. Should it panic
// all the same, the statement's own text is its fingerprint.
func Fingerprint(sql string) (text, id string) {
	defer func() {
		if recover() != nil {
			text = strings.ToLower(strings.Join(strings.Fields(sql), " "))
			id = formatID(numberOf(text))
		}
	}()
	text = query.Fingerprint(sql + " ")
	return text, formatID(numberOf(text))
}

// numberOf returns the number that the id of a fingerprint writes in hexadecimal: the second half of
// its MD5.
func numberOf(fingerprint string) uint64 {
	sum := md5.Sum([]byte(fingerprint))
	return binary.BigEndian.Uint64(sum[8:])
}

// kindOf says what a statement does from its first word.
func kindOf(fingerprint string) Kind {
	text := strings.TrimLeft(fingerprint, "( ")
	word := text
	if i := strings.IndexFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' }); i >= 0 {
		word = text[:i]
	}
	switch word {
	case "select", "table", "values":
		return Read
	case "insert", "update", "delete", "replace", "load":
		return Write
	case "with":
		return kindOfWith(text)
	}
	return Other
}

// kindOfWith looks behind the common table expressions for the statement they serve.
func kindOfWith(text string) Kind {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				rest := strings.TrimLeft(text[i+1:], " ")
				if k := kindOf(rest); k != Other {
					return k
				}
			}
		}
	}
	return Read
}
