package main

// sbtest is what sysbench makes and asks of its tables, with k not indexed.
var sbtest = Schema{
	Name: "sbtest",
	Tables: []Table{
		{Name: "sbtest1", Rows: 120_000, Columns: sbColumns("sbtest1"), Keys: []string{"PRIMARY KEY (id)"}},
		{Name: "sbtest2", Rows: 120_000, Columns: sbColumns("sbtest2"), Keys: []string{"PRIMARY KEY (id)"}},
	},
	Expert: []string{"sbtest1 (k)", "sbtest2 (k)"},
	Literals: map[string]value{
		"id": ref("sbtest1"), "k": ref("sbtest1"), "c": text(119), "pad": text(59),
	},
	Templates: slicesOf("sbtest1", "sbtest2"),
}

func sbColumns(table string) []Column {
	return []Column{
		{"id INT NOT NULL AUTO_INCREMENT", serial},
		{"k INT NOT NULL DEFAULT 0", ref(table)},
		{"c CHAR(120) NOT NULL DEFAULT ''", text(119)},
		{"pad CHAR(60) NOT NULL DEFAULT ''", text(59)},
	}
}

// slicesOf are the statements of oltp_read_write, select_random_points and select_random_ranges for
// each table.
func slicesOf(tables ...string) (out []Template) {
	for _, t := range tables {
		out = append(out,
			Template{"SELECT c FROM " + t + " WHERE id = {id}", 200},
			Template{"SELECT c FROM " + t + " WHERE id BETWEEN {id} AND {id} + 99", 20},
			Template{"SELECT SUM(k) FROM " + t + " WHERE id BETWEEN {id} AND {id} + 99", 20},
			Template{"SELECT c FROM " + t + " WHERE id BETWEEN {id} AND {id} + 99 ORDER BY c", 20},
			Template{"SELECT id, k, c, pad FROM " + t + " WHERE k IN ({k1}, {k2}, {k3}, {k4}, {k5}, {k6}, {k7}, {k8}, {k9}, {k10})", 20},
			Template{"SELECT COUNT(k) FROM " + t + " WHERE k BETWEEN {k1} AND {k1} + 20 OR k BETWEEN {k2} AND {k2} + 20 OR k BETWEEN {k3} AND {k3} + 20", 20},
			Template{"SELECT id, c FROM " + t + " WHERE k = {k}", 20},
			Template{"UPDATE " + t + " SET k = k + 1 WHERE id = {id}", 60},
			Template{"UPDATE " + t + " SET c = '{c}' WHERE id = {id}", 60},
			Template{"DELETE FROM " + t + " WHERE id = {id}", 30},
			Template{"INSERT INTO " + t + " (k, c, pad) VALUES ({k}, '{c}', '{pad}')", 60},
		)
	}
	return out
}
