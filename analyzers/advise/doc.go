// Package advise is the arithmetic of advice: which index a statement lacks, how large a pool or a
// cache should be, what a write buffer would merge, which column could shard a table.
//
// It works on the classes of a digest that took the most time:
//
//  1. Statements parses one statement of each class.
//  2. PlanIndexes derives index candidates per query block and table (index_groups.go), fits them to the indexes
//     there are (index_fit.go), weighs what each would lead to (index_rows.go, index_pages.go), merges them over
//     classes (index_merge.go) and chooses those that save most (index_select.go).
//  3. Each other file answers one question from counts that the digest holds.
//
// What cannot be told is said to be unknown; a constant that is a guess says so.
package advise
