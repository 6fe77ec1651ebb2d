package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// addIndex is a statement that advice tells to run: what stands behind it is said to the reader.
var addIndex = regexp.MustCompile("^ALTER TABLE .+ ADD INDEX .+")

// advise runs dbtriage on files as a user does and returns the indexes that its report tells to make,
// with the seconds it took.
func advise(ctx context.Context, bin string, files ...string) (ddl []string, seconds float64, err error) {
	start := time.Now()
	text, err := exec.CommandContext(ctx, bin, append([]string{"analyze", "-f", "json"}, files...)...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w\n%s", err, exit.Stderr)
		}
		return nil, 0, fmt.Errorf("%s: %w", bin, err)
	}
	seconds = time.Since(start).Seconds()
	var report struct {
		Findings []struct {
			Advice []struct{ Kind, Do string }
		}
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, 0, err
	}
	for _, f := range report.Findings {
		for _, a := range f.Advice {
			for part := range strings.SplitSeq(a.Do, ";") {
				if statement := addIndex.FindString(strings.TrimSpace(part)); statement != "" && !slices.Contains(ddl, statement) {
					ddl = append(ddl, statement)
				}
			}
		}
	}
	return ddl, seconds, nil
}
