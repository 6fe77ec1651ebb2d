// Package advise is the arithmetic of advice: which index a statement lacks, how large a pool or a
// cache should be, what a write buffer would merge, which column could shard a table.
//
// It works on the classes of a digest that took the most time:
//
//  1. Statements parses one statement of each class.
//  2. Plan derives index candidates per query block and table, drops what the schema already has and
//     merges them over classes.
//  3. Each other file answers one question from counts that the digest holds.
//
// What cannot be told is said to be unknown; nothing here guesses a number.
package advise
