package session

import (
	"math"
	"testing"
)

func TestFourDigits(t *testing.T) {
	for _, c := range []struct{ in, want float64 }{
		{0, 0}, {-1, -1}, {1234567, 1234567}, {12345.678, 12346}, {123.4567, 123.5}, {0.0123456, 0.01235}, {-1.00049, -1}, {0.00000004, 0.00000004}, {0.000000004, 0},
	} {
		if got := fourDigits(c.in); got != c.want {
			t.Errorf("%v: %v, not %v", c.in, got, c.want)
		}
	}
	if !math.IsNaN(fourDigits(math.NaN())) || !math.IsInf(fourDigits(math.Inf(1)), 1) {
		t.Error("what is no number stays what it is")
	}
}
