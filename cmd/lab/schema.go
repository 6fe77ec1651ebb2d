package main

import "fmt"

// Schema returns the statements that make the world's tables and fill them.
func (w World) Schema() []string {
	states := "ELT(1 + CRC32(seq * 7) % " + fmt.Sprint(len(w.States))
	for _, s := range w.States {
		states += ", '" + s + "'"
	}
	states += ")"
	text := "CONCAT(MD5(seq), ' ', MD5(seq + 1), ' ', MD5(seq + 2))"
	some := func(column string, rows, salt int64) string {
		return fmt.Sprintf("1 + CRC32(seq * %d) %% %d AS %s", salt, rows, column)
	}
	when := "'2026-01-01' + INTERVAL CRC32(seq) % 20000000 SECOND"
	numbers := maker().numbers
	statements := []string{
		"CREATE DATABASE " + w.Words.Schema + " CHARACTER SET utf8mb4",
		"USE " + w.Words.Schema,
		"CREATE TABLE {groups} (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60) NOT NULL)",
		"CREATE TABLE {people} (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60) NOT NULL, email VARCHAR(80) NOT NULL, {created} DATETIME NOT NULL, UNIQUE KEY email (email))",
		"CREATE TABLE {items} (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, {group} INT UNSIGNED NOT NULL, {title} VARCHAR(120) NOT NULL, {body} TEXT NOT NULL, {score} INT NOT NULL DEFAULT 0, {created} DATETIME NOT NULL, KEY by_group ({group}, {created}))",
		"CREATE TABLE {records} (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, {person} INT UNSIGNED NOT NULL, {item} INT UNSIGNED NOT NULL, {code} VARCHAR(24) NOT NULL, {token} VARCHAR(24) NOT NULL DEFAULT '', {state} VARCHAR(12) NOT NULL, {amount} INT NOT NULL, {due} DATETIME NOT NULL, {created} DATETIME NOT NULL, {note} VARCHAR(200) NOT NULL, " +
			"KEY by_person ({person}, {created}), KEY by_item ({item}), UNIQUE KEY by_code ({code}), KEY by_token ({token}), KEY by_state ({state}))",
		"CREATE TABLE {totals} ({group} INT UNSIGNED NOT NULL PRIMARY KEY, n BIGINT NOT NULL, updated_at DATETIME NOT NULL)",
		"CREATE TABLE {journal} (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, {person} INT UNSIGNED NOT NULL, {item} INT UNSIGNED NOT NULL, what VARCHAR(100) NOT NULL, at DATETIME NOT NULL, KEY by_item ({item}))",
		fmt.Sprintf("INSERT INTO {groups} SELECT seq, CONCAT('group ', MD5(seq)) FROM %s", numbers(w.Rows.Groups)),
		fmt.Sprintf("INSERT INTO {people} SELECT seq, CONCAT('person ', MD5(seq)), CONCAT(MD5(seq), '@example.net'), %s FROM %s", when, numbers(w.Rows.People)),
		fmt.Sprintf("INSERT INTO {items} SELECT seq, %s, CONCAT('item ', MD5(seq)), %s, CRC32(seq) %% 1000, %s FROM %s", some("g", w.Rows.Groups, 3), text, when, numbers(w.Rows.Items)),
		fmt.Sprintf("INSERT INTO {records} SELECT seq, %s, %s, 700000000000 + seq * 7, CONCAT('T', 3000000 + seq), %s, CRC32(seq * 13) %% 90000, %s, %s, %s FROM %s",
			some("p", w.Rows.People, 5), some("i", w.Rows.Items, 11), states, "'2026-06-01' + INTERVAL CRC32(seq * 17) % 20000000 SECOND", when, "CONCAT(MD5(seq), ' ', MD5(seq + 1), ' ', MD5(seq + 2))", numbers(w.Rows.Records)),
		fmt.Sprintf("INSERT INTO {totals} SELECT seq, 0, NOW() FROM %s", numbers(w.Rows.Groups)),
		fmt.Sprintf("INSERT INTO {journal} SELECT seq, %s, %s, MD5(seq), %s FROM %s", some("p", w.Rows.People, 19), some("i", w.Rows.Items, 23), when, numbers(w.Rows.Journal)),
		"ANALYZE TABLE {groups}, {people}, {items}, {records}, {totals}, {journal}",
		"CREATE USER app@'127.0.0.1'",
		"GRANT ALL ON " + w.Words.Schema + ".* TO app@'127.0.0.1'",
	}
	for i := range statements {
		statements[i] = w.SQL(maker().hash(statements[i]))
	}
	return statements
}

// codeOf is the {code} of a record.
func codeOf(id int64) string { return fmt.Sprint(700_000_000_000 + id*7) }

// tokenOf is the {token} of a record.
func tokenOf(id int64) string { return fmt.Sprintf("T%d", 3_000_000+id) }
