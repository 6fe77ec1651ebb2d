package main

import (
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"dbtriage/collectors/logs"
)

// A nginxConfFlag is --nginx-conf: the configuration that the formats of access logs are taken from.
type nginxConfFlag struct {
	path        string
	notIncluded []string // what of it could not be read
}

func (f *nginxConfFlag) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.path, "nginx-conf", "", "take log_format from this nginx.conf `FILE` and what it includes")
}

// read returns the text of the configuration with what it includes; empty when none was named.
func (f *nginxConfFlag) read() (text string, err error) {
	if f.path == "" {
		return "", nil
	}
	if text, f.notIncluded, err = logs.ReadNginxConf(f.path); err != nil {
		return "", fileError("--nginx-conf", f.path, err)
	}
	return text, nil
}

// tellMissing says what the configuration includes that could not be read.
func (f *nginxConfFlag) tellMissing(w io.Writer) {
	for _, what := range f.notIncluded {
		fmt.Fprintf(w, "dbtriage: note: --nginx-conf: not read: %s\n", what)
	}
}
