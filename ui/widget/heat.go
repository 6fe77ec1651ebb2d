package widget

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
	return plot(curve, marks, 0)
}
