// Package scratch copies a bounded sample of tables into a schema of its own and measures statements there.
// It is the only package that writes to a server, and writes nothing outside of that schema.
//
//  1. Open refuses what would disturb: a replica, a cluster, a schema that others made, a binary log that would
//     carry the copy to replicas (open.go).
//  2. Copy makes the tables without triggers and foreign keys and fills them in small batches by primary key:
//     the whole of a small table, of a larger one a sample from all over its key, or the rows that the rows of
//     a table before refer to (copy.go, rows.go).
//  3. Measure runs a statement that reads, in a read-only session with a time limit, and counts the pages and
//     rows that it takes (measure.go, plan.go). AddIndex and DropIndex change the copy in between (index.go).
//  4. Close drops the schema, whatever has happened before.
//
// The tables may be on another server (Options.From): their rows then come by way of this program (carry.go).
//
// Two sessions take turns, so that there is never more than one statement of ours on the server. The one that
// reads is read-only for the server too. All that the other one writes is put together by one function
// (write.go), which begins each statement with the name of the scratch schema.
package scratch
