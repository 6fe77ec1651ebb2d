package session

import (
	"context"
	"fmt"
	"slices"

	"dbtriage/collectors/logs"
)

// RawRecord reads one record again from a log as it stands there: of one of the inputs, or of a file. Of
// a long record only the beginning is returned, and cut is true.
func RawRecord(ctx context.Context, inputs []Input, path string, offset int64) (text []byte, cut bool, err error) {
	from := Input{Path: path}
	if i := slices.IndexFunc(inputs, func(in Input) bool { return in.Path == path }); i >= 0 {
		from = inputs[i]
	}
	if from.Once {
		return nil, false, fmt.Errorf("%s can be read once only", path)
	}
	in, _, err := open(ctx, from, logs.Options{}, nil)
	if in == nil {
		return nil, false, err
	}
	defer in.Close()
	return in.RawRecord(ctx, offset)
}
