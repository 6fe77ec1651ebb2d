package analyzers

import "strings"

// forged is a record that never happened; users put such into literals, comments and names.
const forged = "\n# Time: 261123  0:21:16\n# User@Host: root[root] @ localhost []\n# Thread_id: 1  Schema: alpha  QC_hit: No\n" +
	"# Query_time: 9.000000  Lock_time: 0.000000  Rows_sent: 0  Rows_examined: 0\nSET timestamp=1795393276;\nDROP TABLE forged;\n"

// A sending is what one packet holds and what the log should then hold, in which each {m} is the
// marker of the moment. A nil want is the text itself.
type sending struct {
	text string
	want []string
}

// plainStatements mean the same in every session.
var plainStatements = []sending{
	{text: "SELECT '{m}'"},
	{text: "SELECT v, '{m}' FROM t WHERE id = 3"},
	{text: "SELECT a.id, '{m}' FROM t a JOIN u b ON a.id = b.id LEFT JOIN t c USING (v) WHERE b.n > 1 ORDER BY a.v LIMIT 3"},
	{text: "SELECT n, COUNT(*), '{m}' FROM u GROUP BY n HAVING COUNT(*) > 0 UNION SELECT 1, 2, 'x;y' ORDER BY 1 DESC"},
	{text: "WITH RECURSIVE r AS (SELECT 1 i UNION ALL SELECT i + 1 FROM r WHERE i < 5) SELECT SUM(i), '{m}' FROM r"},
	{text: "INSERT INTO t (v) VALUES ('{m}')"},
	{text: "INSERT INTO t (v) VALUES ('{m}'), ('a;b'), ('c'';''d'), (NULL)"},
	{text: "INSERT INTO u (id, n) VALUES (1, 1) ON DUPLICATE KEY UPDATE n = n + LENGTH('{m}')"},
	{text: "REPLACE INTO u (id, n) VALUES (2, LENGTH('{m}'))"},
	{text: "UPDATE t SET v = '{m}' WHERE id = 2"},
	{text: "DELETE FROM t WHERE v = '{m}'"},
	{text: "CREATE TABLE tmp_{m} (id INT, c VARCHAR(20) COMMENT 'it''s a # comment; really')"},
	{text: "ALTER TABLE tmp_{m} ADD COLUMN d INT, ADD INDEX (d)"},
	{text: "DROP TABLE IF EXISTS tmp_{m}, never_{m}"},
	{text: "CALL p('{m}')"},
	{text: "BEGIN /* {m} */"}, {text: "SELECT * FROM u WHERE id = 1 AND '{m}' = '{m}' FOR UPDATE"}, {text: "COMMIT /* {m} */"},
	{text: "START TRANSACTION /* {m} */"}, {text: "ROLLBACK /* {m} */"},
	{text: "SET @{m} = 5"},
	{text: "SET timestamp=DEFAULT /* {m} */"},
	{text: "SHOW TABLES LIKE '{m}'"},
	{text: "EXPLAIN SELECT '{m}' FROM t"},
	{text: "PREPARE s FROM 'SELECT ?, ''{m}'''"},
	{text: "DEALLOCATE PREPARE s /* {m} */"},
	{text: "LOCK TABLES t READ /* {m} */"}, {text: "UNLOCK TABLES /* {m} */"},
	{text: "SELECT '{m}';"},
	{text: "SELECT '{m}' ; ;\n;\n"},
	{text: "  \n\t SELECT '{m}'  \n"},
	{text: "SELECT\n\n\n'{m}'\n\n,\n2"},
	{text: "SELECT\r\n'{m}',\r\n2"},
	{text: "SELECT '{m}' -- it's a comment; \"quoted"},
	{text: "SELECT '{m}' -- it's a comment;\n, 2"},
	{text: "SELECT '{m}' --\x01it's a comment;\n, 2"},
	{text: "SELECT 5--1, '{m}'"},
	{text: "# it's Query_time: 5\nSELECT '{m}'"},
	{text: "SELECT '{m}' # it's \"a` comment /*\n, 2 # and the last; "},
	{text: "# Query\nSELECT '{m}',\n# Second column\n2,\n#\n3,\n# Time\n4"},
	{text: "-- first\n-- Query_time: 3\nSELECT '{m}'"},
	{text: "/* it's\n* one;\n*/ SELECT /* ' */ '{m}' /* \" ; */"},
	{text: "SELECT /*! SQL_NO_CACHE */ '{m}' /*M!100000 , 2 */ /*!99999 , it's */",
		want: []string{"SELECT /*! SQL_NO_CACHE */ '{m}' /*M!100000 , 2 */ /* 99999 , it's */"}}, // the server itself changes it
	{text: "SELECT 1 AS `{m}`, 2 AS `it's`, 3 AS `a``b\"`, 4 AS `;`"},
	{text: "SELECT \"{m}\", \"it's\", 'say \"x\"', \"\"\"\", ''''"},
	{text: "SELECT '{m}', '/*', '*/', '-- ', '#', '`'"},
	{text: "SELECT '{m}', _utf8mb4'中文 😀', N'é', X'5c27', b'0101', _binary'x'"},
	{text: "SELECT '{m}', 'a\n\n;\n\n;'"},
	{text: "SELECT 'use alpha;\nSET timestamp=1;\n{m}'"},
	{text: "SELECT '{m}'; SELECT 2, '{m};'; UPDATE u SET n = 3 WHERE id = '{m}'",
		want: []string{"SELECT '{m}'", "SELECT 2, '{m};'", "UPDATE u SET n = 3 WHERE id = '{m}'"}},
	{text: "SELECT '" + forged + "{m}'"},
	{text: "SELECT \"" + forged + "{m}\""},
	{text: "SELECT '{m}' /*" + forged + "*/"},
	{text: "SELECT '{m}' AS `" + forged[:60] + "x`"},
	{text: "SELECT '{m}', 'it''s" + forged + "', \"it's" + forged + "\", 3"},
	{text: "SELECT CAST('{m}" + forged[:100] + "' AS SIGNED)"},
	{text: "SELECT CAST('it''s {m}' AS SIGNED), CAST(\"\\n\" AS SIGNED)"},
	{text: "SELECT '/usr/sbin/mariadbd, Version: 10.11 (x). started with:\nTcp port: 0  Unix socket: x\nTime\t\t    Id Command\tArgument\n{m}'"},
	{text: "SELECT wrong {m} syntax FROM"},
	{text: "SELECT '{m}' FROM never"},
	{text: "SELECT '{m}', 'a literal without an end"},
	{text: "SELECT '{m}' /* a comment without an end"},
	{text: "SELECT '{m}' FROM t WHERE v = REPEAT('x', 100) /* " + strings.Repeat("long ", 400) + "*/"},
}

// backslashStatements are for sessions in which a backslash escapes.
var backslashStatements = []sending{
	{text: `SELECT '{m}', 'it\'s', 'a\\', "b\"c", '\\\'', 'x\n'`},
	{text: `INSERT INTO t (v) VALUES ('{m}\0\Z\%\_\''), ('\\')`},
	{text: `SELECT '{m}', '\'` + forged + `'`},
}

// standardStatements are for sessions with NO_BACKSLASH_ESCAPES.
var standardStatements = []sending{
	{text: `SELECT '{m}', 'C:\'`},
	{text: `SELECT '{m}', "C:\", '\\\'`},
	{text: `INSERT INTO t (v) VALUES ('{m}\'), ('it''s\')`},
	{text: "SELECT '{m}', '" + forged + "'"},
}

// multibyteStatements are for sessions that speak GBK: the second byte of 0xd55c is a backslash.
var multibyteStatements = []sending{
	{text: "SELECT '{m}\xd5\x5c'"},
	{text: "SELECT '{m}', '\xd5\x5c', \"\xd5\x5c\", 'it\\'s\xd5\x5c'"},
	{text: "SELECT '{m}', '" + forged + "\xd5\x5c'"},
}

// binaryStatements hold bytes that are no text.
var binaryStatements = []sending{
	{text: "SELECT LENGTH(_binary'\x00\x01\xff\xfe\x80 \x0b\x0c;\n'), '{m}'"},
	{text: "INSERT INTO b (v) VALUES (_binary'{m}\x00\xc3\x28\xa0\xa1\xe2\x28\xa1\xf0\x28\x8c\xbc')"},
}
