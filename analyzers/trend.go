package analyzers

import "math"

// minForTrend is the least number of points that a line is laid through.
const minForTrend = 3

// confident is how many standard errors lie between a slope and the end of its 95 % interval.
const confident = 1.96

// wanders is from which correlation of neighbours on a gauge is taken for a random walk; a line through few
// points lowers it by some lowered/n (Dickey and Fuller 1979).
const (
	wanders = 0.9
	lowered = 17
)

// Trend returns how fast a gauge grows per second over all of its points: the least-squares slope,
// taken back to the end of its 95 % interval that is nearer to zero, and 0 where the interval holds
// zero. What is forecast from it is therefore rather too late than too early. ok is false with fewer
// than three points.
func (s *Series) Trend() (perSecond float64, ok bool) {
	if s == nil || len(s.Points) < minForTrend {
		return 0, false
	}
	n := float64(len(s.Points))
	start := s.Points[0].LastAt
	var meanX, meanY float64
	for i := range s.Points {
		meanX += float64(s.Points[i].LastAt-start) / 1e6 / n
		meanY += s.Points[i].Mean() / n
	}
	var xx, xy, yy float64
	for i := range s.Points {
		x, y := float64(s.Points[i].LastAt-start)/1e6-meanX, s.Points[i].Mean()-meanY
		xx, xy, yy = xx+x*x, xy+x*y, yy+y*y
	}
	if xx == 0 {
		return 0, false
	}
	slope := xy / xx
	left := max(yy-slope*xy, 0)
	margin := confident * math.Sqrt(left/(n-2)/xx)
	// Memory and files in use wander: what is left beside the line stays on one side for long, and counts as
	// fewer points, as in an autoregressive series (Bayley and Hammersley 1946). What hardly ever comes back to
	// the line is a random walk, of which no more is sure than what its steps do not explain.
	var product, before, steps float64
	for i := range s.Points {
		e := s.Points[i].Mean() - meanY - slope*(float64(s.Points[i].LastAt-start)/1e6-meanX)
		if i > 0 {
			product += e * before
			steps += (e - before) * (e - before)
		}
		before = e
	}
	if product > 0 && left > 0 {
		r := min(product/left, 0.999)
		margin *= math.Sqrt((1 + r) / (1 - r))
		if r >= min(wanders, 1-lowered/n) {
			margin = max(margin, confident*math.Sqrt(steps)/(float64(s.Points[len(s.Points)-1].LastAt-start)/1e6))
		}
	}
	return math.Copysign(max(math.Abs(slope)-margin, 0), slope), true
}

// Seconds returns the time from the first to the last point; ok is false without one.
func (s *Series) Seconds() (float64, bool) {
	if s == nil || len(s.Points) == 0 {
		return 0, false
	}
	return float64(s.Points[len(s.Points)-1].LastAt-s.Points[0].LastAt) / 1e6, true
}
