package report

import (
	"encoding/json"
	"io"

	"dbtriage/analyzers/advise"
)

// The names of a sizing in JSON; null is what was neither asked for nor measured.
type (
	capacityJSON struct {
		Demand   *demandJSON    `json:"demand"`
		Measured *logRatesJSON  `json:"measured"`
		Peak     rateJSON       `json:"peak"`
		Writes   *float64       `json:"writes_per_s"`
		Capacity serverRateJSON `json:"capacity"`
		Use      float64        `json:"utilisation"`
		Nodes    int            `json:"nodes"`
		Shards   int            `json:"shards"`
		Fit      *bool          `json:"writes_fit_one_primary"`
		Link     *linkJSON      `json:"network"`
		Cache    *float64       `json:"cache_bytes"`
		Notes    []string       `json:"notes"`
	}
	demandJSON struct {
		Users   float64 `json:"users"`
		Actions float64 `json:"actions"`
		Queries float64 `json:"queries"`
		Total   float64 `json:"statements_per_day"`
		Even    float64 `json:"even_per_s"`
		Peak    float64 `json:"peak_per_s"`
	}
	logRatesJSON struct {
		Seconds    float64  `json:"seconds"`
		Mean       float64  `json:"mean_per_s"`
		Peak       float64  `json:"peak_per_s"`
		WriteShare *float64 `json:"write_share"`
	}
	rateJSON struct {
		Rate float64 `json:"per_s"`
		From string  `json:"from"`
	}
	serverRateJSON struct {
		rateJSON
		AtLeast bool `json:"at_least"`
	}
	linkJSON struct {
		Bytes float64 `json:"response_bytes"`
		Limit float64 `json:"gigabit_limit_per_s"`
		// Peak is the requests per second at the peak of the estimate; null without one.
		Peak *float64 `json:"peak_requests_per_s"`
	}
)

// WriteCapacityJSON writes it for programs, in English.
func WriteCapacityJSON(out io.Writer, c *Capacity) error {
	servers := c.Servers()
	j := capacityJSON{
		Peak: rateJSON{c.Peak, c.peakFrom("en")}, Capacity: serverRateJSON{rateJSON{c.Capacity.Rate, c.capacityFrom("en")}, c.Capacity.AtLeast},
		Use: c.Use, Nodes: servers.Total(), Shards: servers.Shards, Notes: c.notes("en"),
	}
	if d := c.Demand; d != nil {
		j.Demand = &demandJSON{d.Users, d.Actions, d.Queries, d.Total(), d.Even(), d.Peak()}
	}
	if m := c.Measured; m != nil {
		j.Measured = &logRatesJSON{Seconds: m.Seconds, Mean: m.Mean, Peak: m.Peak}
		if m.Split {
			j.Measured.WriteShare = &m.WriteShare
		}
	}
	if c.Split {
		j.Writes, j.Fit = &c.Writes, &c.WritesFit
	}
	if c.Response > 0 {
		j.Link = &linkJSON{Bytes: c.Response, Limit: advise.LinkLimit(c.Response)}
		if c.Demand != nil {
			rate := c.Demand.PeakRequests()
			j.Link.Peak = &rate
		}
	}
	if c.Cache > 0 {
		j.Cache = &c.Cache
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(j)
}
