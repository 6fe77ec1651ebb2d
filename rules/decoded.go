package rules

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // decoded.gob
	"encoding/gob"
)

// Reading the YAML of all rules takes longer than all else the program does at its start, so that
// each file's rules lie beside it in decoded form. `make update` writes them; a file that has changed
// since is read from its YAML.

//go:embed decoded.gob
var decodedText []byte

// A decodedFile is what a file of rules decodes to.
type decodedFile struct {
	Name  string
	Sum   [sha256.Size]byte // of its text
	Rules []*Rule
}

// decodeRules returns the decoded files by name. The rules are the caller's alone.
func decodeRules(text []byte) (map[string]decodedFile, error) {
	var files []decodedFile
	if err := gob.NewDecoder(bytes.NewReader(text)).Decode(&files); err != nil {
		return nil, err
	}
	out := map[string]decodedFile{}
	for _, f := range files {
		out[f.Name] = f
	}
	return out, nil
}
