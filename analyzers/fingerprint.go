package analyzers

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"strings"
	"unicode"

	"github.com/percona/go-mysql/query"
)

// MaxFingerprint bounds the text kept of one fingerprint, in bytes; the id is of the whole.
const MaxFingerprint = 8 << 10

// Fingerprint returns percona/go-mysql's fingerprint of a statement and the id PMM shows for it.
func Fingerprint(sql string) (text, id string) { return fingerprint([]byte(sql)) }

func fingerprint(sql []byte) (text, id string) {
	var room [256]byte
	plain, ok := appendPlainFingerprint(room[:0], sql)
	if !ok {
		plain = []byte(anyFingerprint(sql))
	}
	return string(plain), formatID(numberOf(plain))
}

// maxNested bounds what go-mysql may need for subqueries within subqueries, in bytes: it takes the
// fingerprint of each apart, with all that is in it, while that of the one around it waits.
const maxNested = 16 << 20

// anyFingerprint is go-mysql's function within bounds: its panic is one, which comes of running out of
// room where lists of one digit, as in "in(1)", end a statement, since it writes "(?+)" for each. Blanks
// behind a statement give it room and are cut off again. What would cost too much all the same has its
// shape key for a fingerprint.
func anyFingerprint(sql []byte) (text string) {
	defer func() {
		if recover() != nil {
			text = keyText(AppendShapeKey(nil, sql))
		}
	}()
	if len(sql) > 4<<10 { // in less no subqueries cost much
		if key := AppendShapeKey(nil, sql); listSubqueries(key) > maxNested/len(key) {
			return keyText(key)
		}
	}
	text = string(sql) + strings.Repeat(" ", 1+bytes.Count(sql, []byte("(")))
	return strings.TrimRight(query.Fingerprint(text), " ")
}

func keyText(key []byte) string {
	return string(bytes.ToLower(bytes.Join(bytes.Fields(key), []byte(" "))))
}

// listSubqueries counts the subqueries that stand where a list of values may.
func listSubqueries(sql []byte) (n int) {
	for i := 0; ; i++ {
		next := bytes.IndexByte(sql[i:], '(')
		if next < 0 {
			return n
		}
		i += next
		inside := bytes.TrimLeftFunc(sql[i+1:], unicode.IsSpace)
		if len(inside) < len(wordSelect) || !bytes.EqualFold(inside[:len(wordSelect)], wordSelect) {
			continue
		}
		before := bytes.ToLower(bytes.TrimRight(sql[max(0, i-16):i], " \t\r\n"))
		if bytes.HasSuffix(before, wordIn) || bytes.HasSuffix(before, wordValue) || bytes.HasSuffix(before, wordValues) {
			n++
		}
	}
}

// numberOf returns the number that the id of a fingerprint writes in hexadecimal: the second half of
// its MD5.
func numberOf(fingerprint []byte) uint64 {
	sum := md5.Sum(fingerprint)
	return binary.BigEndian.Uint64(sum[8:])
}
