package recorded

import (
	"math"
	"strconv"
	"strings"
	"time"

	"dbtriage/collectors"
)

// A series of rows is what vmstat and iostat print again and again: a row or report each interval,
// the first of the time since the boot.
type rowSeries struct {
	*reader
	reports []report
	dropped bool
}

// A report is what was printed at one instant.
type report struct {
	at     int64 // collectors.NoTime when the text does not say
	values []collectors.Sample
}

// maxReports bounds the reports of one file: a day of seconds.
const maxReports = 90_000

// maxValues bounds the values of all of them, which are held until the last is known.
const maxValues = 4_000_000

func (s *rowSeries) begin(at int64) {
	if len(s.reports) == maxReports {
		s.dropped = true
		s.reports[len(s.reports)-1].values = nil
		return
	}
	s.reports = append(s.reports, report{at: at})
}

func (s *rowSeries) put(name, instance string, value float64) {
	if n := len(s.reports); n > 0 && len(s.reports[n-1].values) < maxValues/maxReports*8 {
		s.reports[n-1].values = append(s.reports[n-1].values, collectors.Sample{Name: name, Instance: instance, Value: value})
	}
}

// end puts the reports on the time axis: by their own stamps, or by the name or time of the file and
// the interval.
func (s *rowSeries) end() {
	n := len(s.reports)
	if n == 0 {
		return
	}
	if s.dropped {
		s.warn("there are more rows than a day has seconds: the last are left out")
	}
	if n == 1 {
		s.warn("it holds only the means since the boot: give an interval, as in vmstat 1 and iostat -x 1")
		return
	}
	from, step, ok := int64(0), int64(0), s.reports[1].at != collectors.NoTime
	if !ok {
		from, step, ok = s.schedule(n - 1)
	}
	if !ok {
		s.warn("nothing says when this was: it is on no time axis; vmstat -t and iostat -t write the time")
		return
	}
	for i, r := range s.reports[1:] {
		at := r.at
		if step > 0 {
			at = from + int64(i+1)*step
		}
		for _, v := range r.values {
			s.sample(at, v.Name, v.Instance, v.Value)
		}
	}
}

const second = 1_000_000 // µs

// usualSteps are the intervals that people give, in seconds.
var usualSteps = []int64{1, 2, 3, 5, 10, 15, 20, 30, 60}

// longestMean bounds the one row of pt-stalk's -overall files: its --run-time, usually 30 s.
const longestMean = 120 * second

// schedule guesses begin and interval of rows without stamps. pt-stalk names its files by the begin
// and takes a row each second. The time of writing tells of another interval, where it fits one: a
// copy has the time of the copying.
func (s *rowSeries) schedule(rows int) (from, step int64, ok bool) {
	begin, named := s.opt.begin()
	modified := s.opt.Modified
	took := modified - begin
	written := modified != collectors.NoTime && took > 0
	switch {
	case named && strings.Contains(s.opt.Base, "-overall"):
		return begin, took / int64(rows), written && took <= longestMean
	case named:
		for _, usual := range usualSteps {
			if all := usual * second * int64(rows); written && took > all-2*second && took < all+2*second {
				return begin, usual * second, true
			}
		}
		return begin, second, true
	case modified == collectors.NoTime:
		return 0, 0, false
	}
	s.warn("without times in the text the last row is taken to be of when the file was written, the others of a second each before it")
	return modified - int64(rows)*second, second, true
}

// decimal reads a number with a point or, in some languages, a comma.
func decimal(word string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.Replace(word, ",", ".", 1), 64)
	return v, err == nil && v >= 0 && !math.IsInf(v, 0)
}

// rowTimes are how vmstat -t and iostat -t write the time, by language and S_TIME_FORMAT.
var rowTimes = []string{
	"2006-01-02 15:04:05", "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05Z07:00", "01/02/06 15:04:05", "01/02/2006 15:04:05",
	"01/02/06 03:04:05 PM", "01/02/2006 03:04:05 PM", "02.01.2006 15:04:05", "02/01/2006 15:04:05",
}

// rowTime reads the time of a row, which is local unless it says its zone.
func (r *reader) rowTime(text string) (us int64, ok bool) {
	text = strings.TrimPrefix(text, "Time: ")
	for _, layout := range rowTimes {
		t, err := time.Parse(layout, text)
		if err != nil || t.Year() < 1970 {
			continue
		}
		us = t.UnixMicro()
		if !strings.Contains(layout, "07") {
			us -= r.opt.Zone
		}
		return us, true
	}
	return collectors.NoTime, false
}
