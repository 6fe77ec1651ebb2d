// Package verify says of an index whether it is worth to be built, from what statements take without and with it
// on a copy of a part of the data.
//
//  1. ParseDDL reads the index; NewPlan picks the classes of a slow log that touch its table, and the tables that
//     these need (ddl.go, plan.go).
//  2. Gather takes some statements of each class out of the log: it holds the literals (sample.go).
//  3. Readable makes of a statement one that only reads, on the scratch schema (readable.go).
//  4. Judge weighs what was measured (judge.go).
package verify
