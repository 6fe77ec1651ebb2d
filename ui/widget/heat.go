package widget

import (
	"math"
	"strings"
)

var (
	heatBlocks = []string{"·", "░", "▒", "▓", "█"}
	heatASCII  = []string{".", "-", "=", "+", "#"}
)

// Heat draws a curve as a strip, one character a point, from nothing to its peak; a point that is not
// known is a space. Unlike a Spark it is read at a glance among many others of the same axis.
func Heat(curve []float64, ascii bool) string {
	marks := heatBlocks
	if ascii {
		marks = heatASCII
	}
	high, _ := Peak(curve)
	var b strings.Builder
	for _, v := range curve {
		switch {
		case math.IsNaN(v):
			b.WriteByte(' ')
		case v <= 0 || high <= 0:
			b.WriteString(marks[0])
		default:
			b.WriteString(marks[min(int(math.Ceil(v/high*float64(len(marks)-1))), len(marks)-1)])
		}
	}
	return b.String()
}
