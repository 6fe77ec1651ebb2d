package report

import (
	"math"
	"strings"
)

// sparkCells is the width of a sparkline in the text and Markdown formats; no spark exceeds 60.
const sparkCells = 52

var (
	sparkBlocks = []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	sparkASCII  = []string{"_", ".", ":", "-", "=", "+", "*", "#"}
)

// spark draws a curve from zero to its peak, one character a point; a point that is not known is a
// space.
func spark(curve []float64, ascii bool) string {
	marks := sparkBlocks
	if ascii {
		marks = sparkASCII
	}
	high, _ := peak(curve)
	var b strings.Builder
	for _, v := range curve {
		switch {
		case math.IsNaN(v):
			b.WriteByte(' ')
		case v <= 0 || high <= 0:
			b.WriteString(marks[0])
		default:
			// Anything above zero stands out from zero.
			k := int(math.Ceil(v / high * float64(len(marks)-1)))
			b.WriteString(marks[min(max(k, 1), len(marks)-1)])
		}
	}
	return b.String()
}

// bar draws a share as a bar of at most n characters; what is above zero shows at least one.
func bar(share float64, n int, ascii bool) string {
	mark := "█"
	if ascii {
		mark = "#"
	}
	if math.IsNaN(share) || share <= 0 {
		return ""
	}
	return strings.Repeat(mark, min(max(int(math.Round(share*float64(n))), 1), n))
}
