package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dbtriage/rules"

	"github.com/spf13/pflag"
)

// ruleFolders are the folders of the user's rules that --rules names.
type ruleFolders struct{ named []string }

// add adds --rules to a command that judges.
func (f *ruleFolders) add(fl *pflag.FlagSet) {
	fl.StringArrayVar(&f.named, "rules", nil, "read rules and overrides.yaml from folder `DIR` too, beside ~/.config/dbtriage/rules; may be given again")
}

// sources returns the folders to read beside the program's own rules: the user's own, where it is
// there, then those that were named, the later of which win.
func (f *ruleFolders) sources() ([]rules.Source, error) {
	var out []rules.Source
	if config, err := os.UserConfigDir(); err == nil {
		own := filepath.Join(config, "dbtriage", "rules")
		if info, err := os.Stat(own); err == nil && info.IsDir() {
			out = append(out, rules.Source{Name: own, FS: os.DirFS(own)})
		}
	}
	for _, dir := range f.named {
		info, err := os.Stat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, hinted{fmt.Errorf("--rules: %s is not there", dir), "name a folder that holds overrides.yaml or rules; see docs/rules.md"}
		case err != nil:
			return nil, fmt.Errorf("--rules: %w", err)
		case !info.IsDir():
			return nil, hinted{fmt.Errorf("--rules: %s is not a folder", dir), "name the folder that holds it"}
		}
		out = append(out, rules.Source{Name: dir, FS: os.DirFS(dir)})
	}
	return out, nil
}

// load reads the rules to judge by.
func (f *ruleFolders) load() (*rules.Set, error) {
	sources, err := f.sources()
	if err != nil {
		return nil, err
	}
	return rules.Load(sources...)
}
