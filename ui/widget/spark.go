// Package widget draws tables, curves, bars and heat strips: functions of data and size to text.
package widget

import (
	"math"
	"strings"
)

var (
	sparkBlocks = []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	sparkASCII  = []string{"_", ".", ":", "-", "=", "+", "*", "#"}
)

// Spark draws a curve from zero to its peak, one character a point; a point that is not known is a
// space.
func Spark(curve []float64, ascii bool) string {
	marks := sparkBlocks
	if ascii {
		marks = sparkASCII
	}
	return plot(curve, marks, 1) // anything above zero stands out from zero
}

// plot draws each point by the mark of its share of the peak; what is above zero has the mark least or a
// higher one.
func plot(curve []float64, marks []string, least int) string {
	high, _ := Peak(curve)
	var b strings.Builder
	for _, v := range curve {
		switch {
		case math.IsNaN(v):
			b.WriteByte(' ')
		case v <= 0 || high <= 0:
			b.WriteString(marks[0])
		default:
			k := int(math.Ceil(v / high * float64(len(marks)-1)))
			b.WriteString(marks[min(max(k, least), len(marks)-1)])
		}
	}
	return b.String()
}

// Bar draws a share as a bar of at most n characters; what is above zero shows at least one.
func Bar(share float64, n int, ascii bool) string {
	mark := "█"
	if ascii {
		mark = "#"
	}
	if math.IsNaN(share) || share <= 0 {
		return ""
	}
	return strings.Repeat(mark, min(max(int(math.Round(share*float64(n))), 1), n))
}

// Peak returns the largest known value; ok is false when there is none.
func Peak(curve []float64) (top float64, ok bool) {
	top = math.Inf(-1)
	for _, v := range curve {
		if !math.IsNaN(v) && v > top {
			top, ok = v, true
		}
	}
	return top, ok
}
