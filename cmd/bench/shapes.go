package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
)

// shapedLog writes a slow log of so many records with so many distinct shapes, the same on every run,
// as MariaDB does with log_slow_verbosity=query_plan,innodb,explain.
// Each shape comes by first, and then again as often as chance will have it: few shapes are frequent.
func shapedLog(w io.Writer, shapes, records int) error {
	out := bufio.NewWriterSize(w, 1<<20)
	r := rand.New(rand.NewPCG(25_000, 1))
	const start = 1795390000
	for i := range records {
		shape := i
		if i >= shapes {
			shape = int(float64(shapes) * r.Float64() * r.Float64() * r.Float64())
		}
		fmt.Fprintf(out, "# User@Host: app[app] @ web [10.0.0.%d]\n# Thread_id: %d  Schema: s%d  QC_hit: No\n"+
			"# Query_time: 0.%06d  Lock_time: 0.000%03d  Rows_sent: %d  Rows_examined: %d\n# Rows_affected: 0  Bytes_sent: %d\n",
			shape%200, 10+i%64, shape%7, r.IntN(1_000_000), r.IntN(1000), r.IntN(100), r.IntN(100_000), r.IntN(9999))
		table, column := fmt.Sprintf("t_%x", shape%997), fmt.Sprintf("c_%x", shape/997)
		fmt.Fprintf(out, "# Pages_accessed: %d  Pages_read: 0  Pages_prefetched: 0  Pages_updated: 0  Old_rows_read: 0\n# Pages_read_time: 0.0000  Engine_time: 0.%04d\n"+
			"# Full_scan: No  Full_join: No  Tmp_table: No  Tmp_table_on_disk: No\n# Filesort: No  Filesort_on_disk: No  Merge_passes: 0  Priority_queue: No\n#\n"+
			"# explain: id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tfiltered\tr_filtered\tExtra\n"+
			"# explain: 1\tSIMPLE\t%s\tref\t%s\t%s\t4\tconst\t%d\t1.00\t100.00\t100.00\tUsing where\n#\nSET timestamp=%d;\n",
			r.IntN(50), r.IntN(9999), table, column, column, 1+r.IntN(9), start+i/1000)
		switch shape % 5 {
		case 0:
			fmt.Fprintf(out, "SELECT %s, name FROM %s WHERE id = %d AND state = 'open' ORDER BY %s LIMIT 10;\n", column, table, r.IntN(1e6), column)
		case 1:
			fmt.Fprintf(out, "INSERT INTO %s (id, %s) VALUES (%d, 'it''s'), (%d, 'b');\n", table, column, r.IntN(1e6), r.IntN(1e6))
		case 2:
			fmt.Fprintf(out, "UPDATE %s SET %s = %s + 1, seen = '2026-11-22 10:00:00' WHERE id IN (%d, %d, %d);\n", table, column, column, r.IntN(1e6), r.IntN(1e6), r.IntN(1e6))
		case 3:
			fmt.Fprintf(out, "SELECT a.id, COUNT(*) FROM %s a JOIN users u ON u.id = a.%s WHERE u.age > %d GROUP BY a.id HAVING COUNT(*) > 1;\n", table, column, r.IntN(99))
		default:
			fmt.Fprintf(out, "DELETE FROM %s WHERE %s < %d /* sweep */;\n", table, column, r.IntN(1e6))
		}
	}
	return out.Flush()
}
