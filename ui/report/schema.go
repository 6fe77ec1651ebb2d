package report

import _ "embed" // for the schema

// Schema is the JSON Schema (draft 2020-12) of what WriteJSON writes. docs/json.md is made from it.
//
//go:embed schema.json
var Schema []byte

// ComparisonSchema is the JSON Schema of what WriteComparisonJSON writes. docs/compare.md is made from it.
//
//go:embed comparison.json
var ComparisonSchema []byte
