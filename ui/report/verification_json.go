package report

import (
	"io"
	"maps"
	"math"
	"slices"

	"dbtriage/analyzers/verify"
	"dbtriage/collectors/mysql/scratch"
)

// WriteVerificationJSON writes a verification for programs; docs/index-verify.md holds its names.
func WriteVerificationJSON(w io.Writer, v *Verification, _ Style) error {
	e := newEncoder(w)
	e.field("version", v.Version)
	rows(e, "sources", slices.Values(v.Sources), sourceRow)
	e.field("server", measuredJSON{textOrNull(v.Server), textOrNull(v.From), textOrNull(v.Engine), v.Scratch, v.Rows, seconds(v.StatementUS), seconds(v.TookUS)})
	e.field("summary", v.summary())
	rows(e, "indexes", slices.Values(v.Results), func(r verify.Result) verifiedJSON { return v.row(&r) })
	rows(e, "tables", slices.Values(v.Tables), copiedRow)
	e.field("classes_beyond", v.Beyond)
	e.field("statements_not_understood", v.Unread)
	e.field("notes", list(v.Notes))
	return e.finish()
}

type measuredJSON struct {
	Address   *string `json:"address"`
	From      *string `json:"from"`
	Engine    *string `json:"engine"`
	Scratch   string  `json:"scratch_schema"`
	Rows      int64   `json:"rows_limit"`
	Statement number  `json:"statement_limit_s"`
	Took      number  `json:"took_s"`
}

type verifiedJSON struct {
	Schema     *string           `json:"schema"`
	Table      string            `json:"table"`
	Name       string            `json:"name"`
	Columns    []indexColumnJSON `json:"columns"`
	Unique     bool              `json:"unique"`
	Advised    bool              `json:"advised"`
	Verdict    string            `json:"verdict"`
	Why        string            `json:"why"`
	Gain       number            `json:"gain"`
	Measured   number            `json:"measured_share"`
	DDL        string            `json:"ddl"`
	Undo       string            `json:"undo"`
	Check      string            `json:"check"`
	Copy       *copiedJSON       `json:"copy"`
	Bytes      *int64            `json:"bytes"`
	Build      number            `json:"build_s"`
	Scale      number            `json:"scale"`
	BytesWhole *int64            `json:"bytes_scaled"`
	BuildWhole number            `json:"build_scaled_s"`
	Writes     writesJSON        `json:"writes"`
	Classes    []triedJSON       `json:"classes"`
}

type indexColumnJSON struct {
	Name   string `json:"name"`
	Prefix *int64 `json:"prefix"`
	Desc   bool   `json:"desc"`
}

type writesJSON struct {
	Inserts int64 `json:"inserts"`
	Updates int64 `json:"updates"`
	Deletes int64 `json:"deletes"`
}

type copiedJSON struct {
	Schema  string  `json:"schema"`
	Table   string  `json:"table"`
	Rows    *int64  `json:"rows"`
	Of      *int64  `json:"of_rows"`
	Way     *string `json:"way"`
	Refused *string `json:"refused"`
}

type triedJSON struct {
	ID          string        `json:"id"`
	Fingerprint string        `json:"fingerprint"`
	Kind        string        `json:"kind"`
	Calls       int64         `json:"calls"`
	Total       number        `json:"total_s"`
	For         bool          `json:"for"`
	Worse       bool          `json:"worse"`
	Samples     int           `json:"samples"`
	Uses        int           `json:"uses"`
	Pages       beforeJSON    `json:"pages"`
	Rows        beforeJSON    `json:"rows"`
	Work        beforeJSON    `json:"work"`
	Ratio       number        `json:"ratio"`
	KeysBefore  []string      `json:"keys_before"`
	KeysAfter   []string      `json:"keys_after"`
	Unmeasured  []countedJSON `json:"unmeasured"`
	Statements  []string      `json:"statements"`
}

type beforeJSON struct {
	Before number `json:"before"`
	After  number `json:"after"`
}

type countedJSON struct {
	Why string `json:"why"`
	N   int    `json:"n"`
}

func copiedRow(c scratch.Copied) copiedJSON {
	return copiedJSON{c.Schema, c.Name, counted(c.Rows, c.Refused == ""), counted(c.Of, true), textOrNull(string(c.Way)), textOrNull(c.Refused)}
}

func (v *Verification) row(r *verify.Result) verifiedJSON {
	out := verifiedJSON{
		Schema: textOrNull(r.Table.Schema), Table: r.Table.Name, Name: r.Index.Name, Columns: []indexColumnJSON{}, Unique: r.Index.Unique, Advised: r.Advised,
		Verdict: string(r.Verdict), Why: r.Why, Gain: finite(r.Gain), Measured: finite(r.Measured), DDL: r.DDL(), Undo: r.Undo(), Check: r.Check(),
		Writes: writesJSON(r.Writes), Scale: finite(r.Scale()), Classes: []triedJSON{},
	}
	for _, c := range r.Index.Columns {
		out.Columns = append(out.Columns, indexColumnJSON{c.Name, counted(c.Prefix, c.Prefix > 0), c.Desc})
	}
	if r.Copy.Name != "" {
		row := copiedRow(r.Copy)
		out.Copy = &row
	}
	if r.WasBuilt {
		out.Bytes, out.Build = counted(r.Built.Bytes, true), finite(r.Built.Took.Seconds())
		if scale := r.Scale(); !math.IsNaN(scale) {
			out.BytesWhole, out.BuildWhole = counted(int64(float64(r.Built.Bytes)*scale), r.Built.Bytes >= 0), finite(r.Built.Took.Seconds()*scale)
		}
	}
	for i := range r.Classes {
		out.Classes = append(out.Classes, v.classRow(&r.Classes[i]))
	}
	return out
}

func (v *Verification) classRow(c *verify.ClassResult) triedJSON {
	known := c.Samples > 0
	both := func(n [2]int64) (b beforeJSON) {
		if known && n[0] >= 0 && n[1] >= 0 {
			b = beforeJSON{finite(float64(n[0])), finite(float64(n[1]))}
		}
		return b
	}
	out := triedJSON{
		ID: c.Class.ID, Fingerprint: c.Class.Fingerprint, Kind: c.Class.Kind.String(), Calls: c.Class.Calls, Total: seconds(c.Class.TimeUS), For: c.For, Worse: c.Worse,
		Samples: c.Samples, Uses: c.Uses, Pages: both(c.Pages), Rows: both(c.Rows), Ratio: finite(c.Ratio()), KeysBefore: list(c.Keys[0]), KeysAfter: list(c.Keys[1]), Unmeasured: []countedJSON{},
	}
	if known {
		out.Work = beforeJSON{finite(c.Work[0]), finite(c.Work[1])}
	}
	if c.NotTried != "" {
		out.Unmeasured = append(out.Unmeasured, countedJSON{c.NotTried, len(c.Class.Samples)})
	}
	for _, why := range slices.Sorted(maps.Keys(c.Unheard)) {
		out.Unmeasured = append(out.Unmeasured, countedJSON{why, c.Unheard[why]})
	}
	if v.ShowLiterals {
		out.Statements = []string{}
		for _, s := range c.Class.Samples {
			out.Statements = append(out.Statements, s.SQL)
		}
	}
	return out
}
