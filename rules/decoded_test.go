package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"fmt"
	"io/fs"
)

// encodeRules decodes all files of rules and writes what decodeRules reads.
func encodeRules(from fs.FS) ([]byte, error) {
	names, err := fs.Glob(from, "*.yaml")
	if err != nil {
		return nil, err
	}
	var files []decodedFile
	for _, name := range names {
		f := ruleFile{name: name}
		if f.isTest() {
			continue
		}
		if f.text, err = fs.ReadFile(from, name); err != nil {
			return nil, err
		}
		d := decodedFile{Name: name, Sum: sha256.Sum256(f.text)}
		if err := decode(f.text, &d.Rules); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files = append(files, d)
	}
	var out bytes.Buffer
	err = gob.NewEncoder(&out).Encode(files)
	return out.Bytes(), err
}
