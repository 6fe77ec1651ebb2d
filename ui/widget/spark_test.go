package widget

import (
	"math"
	"testing"
)

func TestSpark(t *testing.T) {
	nan := math.NaN()
	if got := Spark([]float64{0, 0.001, nan, 4, 8}, false); got != "▁▂ ▅█" {
		t.Errorf("spark: %q", got)
	}
	if got := Spark([]float64{0, 0, nan}, true); got != "__ " {
		t.Errorf("spark: %q", got)
	}
}
