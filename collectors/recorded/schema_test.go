package recorded

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors"
)

func distinct(n int64, columns ...string) []collectors.IndexColumn {
	var out []collectors.IndexColumn
	for _, c := range columns {
		out = append(out, collectors.IndexColumn{Name: c, Distinct: n})
	}
	return out
}

func plain(columns ...string) []collectors.IndexColumn {
	return distinct(collectors.Unknown, columns...)
}

const dump = `-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
-- Host: localhost    Database: forum
-- ------------------------------------------------------
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS ` + "`post`" + `;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
CREATE TABLE ` + "`post`" + ` (
  ` + "`id`" + ` bigint unsigned NOT NULL AUTO_INCREMENT,
  ` + "`topic_id`" + ` int NOT NULL,
  ` + "`kind`" + ` enum('a;','it''s','c\\d') CHARACTER SET latin1 NOT NULL DEFAULT 'a;' COMMENT 'x);
KEY (y)',
  ` + "`title`" + ` varchar(200) COLLATE utf8mb4_bin DEFAULT NULL,
  ` + "`price`" + ` decimal(10,2) unsigned NOT NULL DEFAULT '0.00',
  ` + "`day`" + ` date GENERATED ALWAYS AS (cast(` + "`at`" + ` as date)) STORED,
  ` + "`hidden`" + ` int DEFAULT NULL /*!80023 INVISIBLE */,
  ` + "`at`" + ` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (` + "`id`,`day`" + `),
  UNIQUE KEY ` + "`uk`" + ` (` + "`topic_id`,`title`(20)" + `),
  KEY ` + "`recent`" + ` (` + "`topic_id`,`at` DESC" + `) /*!80000 INVISIBLE */,
  KEY ` + "`low`" + ` ((lower(` + "`title`" + `))),
  FULLTEXT KEY ` + "`ft`" + ` (` + "`title`" + `) /*!50100 WITH PARSER ` + "`ngram`" + ` */ ,
  CONSTRAINT ` + "`fk`" + ` FOREIGN KEY (` + "`topic_id`" + `) REFERENCES ` + "`topic` (`id`)" + ` ON DELETE CASCADE,
  CONSTRAINT ` + "`positive`" + ` CHECK ((` + "`price`" + ` >= 0))
) ENGINE=InnoDB AUTO_INCREMENT=4711 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='it''s ENGINE=none'
/*!50100 PARTITION BY RANGE (to_days(day))
(PARTITION p0 VALUES LESS THAN (10) ENGINE = MyISAM) */;
INSERT INTO ` + "`post`" + ` VALUES (1,'CREATE TABLE evil (a int);');
/*!50001 CREATE VIEW ` + "`v`" + ` AS SELECT 1 AS ` + "`a`" + ` */;
DELIMITER ;;
CREATE TRIGGER x BEFORE INSERT ON post FOR EACH ROW BEGIN
CREATE TABLE inside (a int);
END ;;
DELIMITER ;
USE ` + "`other`" + `;
`

func TestSchemaDump(t *testing.T) {
	h, err := hear(t, dump, Options{})
	if err != nil || h.format != FormatSchema || h.res.Skipped != 0 {
		t.Fatalf("%v %s %+v", err, h.format, h.res)
	}
	text := "utf8mb4_0900_ai_ci"
	want := []collectors.Table{{
		Schema: "forum", Name: "post", Engine: "InnoDB", Rows: collectors.Unknown, DataBytes: collectors.Unknown, IndexBytes: collectors.Unknown, FreeBytes: collectors.Unknown,
		AutoIncrement: 4711, Collation: text,
		Columns: []collectors.Column{
			{Name: "id", Type: "bigint unsigned", AutoIncrement: true},
			{Name: "topic_id", Type: "int"},
			{Name: "kind", Type: `enum('a;','it''s','c\d')`, Collation: "latin1_swedish_ci"},
			{Name: "title", Type: "varchar(200)", Nullable: true, Collation: "utf8mb4_bin"},
			{Name: "price", Type: "decimal(10,2) unsigned"},
			{Name: "day", Type: "date", Generated: true},
			{Name: "hidden", Type: "int", Nullable: true},
			{Name: "at", Type: "timestamp"},
		},
		Indexes: []collectors.Index{
			{Name: "PRIMARY", Unique: true, Kind: "BTREE", Columns: plain("id", "day")},
			{Name: "uk", Unique: true, Kind: "BTREE", Columns: []collectors.IndexColumn{{Name: "topic_id", Distinct: -1}, {Name: "title", Prefix: 20, Distinct: -1}}},
			{Name: "recent", Kind: "BTREE", Ignored: true, Columns: []collectors.IndexColumn{{Name: "topic_id", Distinct: -1}, {Name: "at", Desc: true, Distinct: -1}}},
			{Name: "low", Kind: "BTREE", Columns: plain("(lower(title))")},
			{Name: "ft", Kind: "FULLTEXT", Columns: plain("title")},
		},
	}}
	if diff := cmp.Diff(want, h.tables); diff != "" {
		t.Error(diff)
	}
}

// TestSchemaByHand reads what people and their tools write, which is less regular than a dump.
func TestSchemaByHand(t *testing.T) {
	h, err := hear(t, `
create table if not exists shop.users (id serial, email varchar(100) unique not null, -- the login
  boss int references users(id), name text, key(name(10)), foreign key f (boss) references users (id)) engine = myisam default charset latin1;
create table logs (id int primary key, at datetime); create table copy like logs;
create unique index by_at on logs (at desc);
ALTER TABLE logs
  ADD KEY (at, id),
  ADD FULLTEXT INDEX words (at),
  MODIFY id int unsigned NOT NULL AUTO_INCREMENT;
ALTER TABLE absent ADD KEY (a);
create table torn (id int,
`, Options{})
	if err != nil || h.format != FormatSchema || h.res.Skipped != 2 || !strings.Contains(h.res.Skips[1].Why, "without columns") && !strings.Contains(h.res.Skips[0].Why, "without columns") {
		t.Fatalf("%v %s %+v", err, h.format, h.res)
	}
	if len(h.tables) != 2 {
		t.Fatalf("%+v", h.tables)
	}
	users, logs := h.tables[0], h.tables[1]
	if diff := cmp.Diff([]collectors.Index{
		{Name: "id", Unique: true, Kind: "BTREE", Columns: plain("id")},
		{Name: "email", Unique: true, Kind: "BTREE", Columns: plain("email")},
		{Name: "name", Kind: "BTREE", Columns: []collectors.IndexColumn{{Name: "name", Prefix: 10, Distinct: -1}}},
		{Name: "f", Kind: "BTREE", Columns: plain("boss")},
	}, users.Indexes); diff != "" {
		t.Error(diff)
	}
	if users.Schema != "shop" || users.Engine != "myisam" || users.Columns[0].Type != "bigint unsigned" || !users.Columns[0].AutoIncrement || users.Columns[0].Nullable ||
		users.Columns[1].Nullable || users.Columns[1].Collation != "latin1_swedish_ci" || !users.Columns[2].Nullable {
		t.Errorf("%+v", users)
	}
	if diff := cmp.Diff([]collectors.Index{
		{Name: "PRIMARY", Unique: true, Kind: "BTREE", Columns: plain("id")},
		{Name: "by_at", Unique: true, Kind: "BTREE", Columns: []collectors.IndexColumn{{Name: "at", Desc: true, Distinct: -1}}},
		{Name: "at", Kind: "BTREE", Columns: plain("at", "id")},
		{Name: "words", Kind: "FULLTEXT", Columns: plain("at")},
	}, logs.Indexes); diff != "" {
		t.Error(diff)
	}
	if c := logs.Columns[0]; c.Type != "int unsigned" || !c.AutoIncrement || c.Nullable {
		t.Errorf("%+v", c)
	}
}

// TestSchemaWithData reads a dump whose data is in lines longer than any that is kept.
func TestSchemaWithData(t *testing.T) {
	h, err := hear(t, dump+"INSERT INTO `post` VALUES ("+strings.Repeat("1,", maxLine)+"1);\nCREATE TABLE `last` (\n  `a` int\n);\n"+strings.Repeat("x", 2*maxLine)+"\n", Options{})
	if err != nil || len(h.tables) != 2 || h.tables[1].Schema != "other" || h.tables[1].Name != "last" || h.res.Skipped != 1 {
		t.Errorf("%v %d tables %+v", err, len(h.tables), h.res)
	}
}

func TestIndexes(t *testing.T) {
	want := []collectors.Table{
		{Schema: "shop", Name: "audit", Rows: -1, DataBytes: -1, IndexBytes: -1, FreeBytes: -1, AutoIncrement: -1, Indexes: []collectors.Index{
			{Name: "by_user", Kind: "BTREE", Columns: []collectors.IndexColumn{{Name: "user_id", Distinct: 17122}, {Name: "detail", Prefix: 20, Distinct: 393813}}},
			{Name: "PRIMARY", Unique: true, Kind: "BTREE", Columns: distinct(393813, "id")},
		}},
		{Schema: "shop", Name: "carts", Rows: -1, DataBytes: -1, IndexBytes: -1, FreeBytes: -1, AutoIncrement: -1, Indexes: []collectors.Index{
			{Name: "PRIMARY", Unique: true, Kind: "HASH", Columns: plain("id")},
		}},
	}
	for _, text := range []string{
		`TABLE_SCHEMA	TABLE_NAME	NON_UNIQUE	INDEX_NAME	SEQ_IN_INDEX	COLUMN_NAME	CARDINALITY	SUB_PART	NULLABLE	INDEX_TYPE
shop	audit	1	by_user	2	detail	393813	20		BTREE
shop	carts	0	PRIMARY	1	id	NULL	NULL		HASH
shop	audit	1	by_user	1	user_id	17122	NULL		BTREE
shop	audit	0	PRIMARY	1	id	393813	NULL		BTREE
shop	audit	0	PRIMARY	many	id	393813	NULL		BTREE
`,
		`+--------------+------------+------------+------------+--------------+-------------+-------------+----------+------------+
| TABLE_SCHEMA | TABLE_NAME | NON_UNIQUE | INDEX_NAME | SEQ_IN_INDEX | COLUMN_NAME | CARDINALITY | SUB_PART | INDEX_TYPE |
+--------------+------------+------------+------------+--------------+-------------+-------------+----------+------------+
| shop         | audit      |          1 | by_user    |            1 | user_id     |       17122 |     NULL | BTREE      |
| shop         | audit      |          1 | by_user    |            2 | detail      |      393813 |       20 | BTREE      |
| shop         | audit      |          0 | PRIMARY    |            1 | id          |      393813 |     NULL | BTREE      |
| shop         | carts      |          0 | PRIMARY    |            1 | id          |        NULL |     NULL | HASH       |
| shop         |            |          0 | PRIMARY    |            1 | id          |        NULL |     NULL | HASH       |
+--------------+------------+------------+------------+--------------+-------------+-------------+----------+------------+
`,
	} {
		h, err := hear(t, text, Options{})
		if err != nil || h.format != "index columns" || h.res.Skipped != 1 {
			t.Errorf("%v %s %+v", err, h.format, h.res)
		}
		if diff := cmp.Diff(want, h.tables); diff != "" {
			t.Error(diff)
		}
	}
}

func TestColumns(t *testing.T) {
	h, err := hear(t, `TABLE_CATALOG	TABLE_SCHEMA	TABLE_NAME	COLUMN_NAME	ORDINAL_POSITION	IS_NULLABLE	COLLATION_NAME	COLUMN_TYPE	EXTRA
def	shop	a	second	2	YES	latin1_bin	enum('x\\y','Z')	DEFAULT_GENERATED
def	shop	a	first	1	NO	NULL	int(10) unsigned	auto_increment
def	shop	a	third	9	YES	NULL	date	STORED GENERATED
def	shop	a		4	YES	NULL	date	
`, Options{})
	want := []collectors.Column{
		{Name: "first", Type: "int(10) unsigned", AutoIncrement: true},
		{Name: "second", Type: `enum('x\y','Z')`, Nullable: true, Collation: "latin1_bin"},
		{Name: "third", Type: "date", Nullable: true, Generated: true},
	}
	if err != nil || h.format != "table columns" || h.res.Skipped != 1 || len(h.tables) != 1 {
		t.Fatalf("%v %s %+v", err, h.format, h.res)
	}
	if diff := cmp.Diff(want, h.tables[0].Columns); diff != "" {
		t.Error(diff)
	}
}

func TestOptionFile(t *testing.T) {
	h, err := hear(t, `# the server's own
!includedir /etc/mysql/conf.d
[client]
port=1
[mysqld]
port = 3307
skip-name-resolve
innodb_buffer_pool_size=1G # half
max-allowed-packet="16M"
loose-slow_query_log = 1
log_error='/var/log/a b#c.err'
log-output=no
= 5
max_connections=151
max_connections=40
[mysqldump]
quick
[mariadb-10.11]
table_open_cache=2000
[mysqld_safe]
nice=0
`, Options{})
	want := map[string]string{
		"port": "3307", "skip_name_resolve": "ON", "innodb_buffer_pool_size": "1073741824", "max_allowed_packet": "16777216", "slow_query_log": "ON",
		"log_error": "/var/log/a b#c.err", "log_output": "no", "max_connections": "40", "table_open_cache": "2000",
	}
	if err != nil || h.format != "option file" || h.res.Skipped != 1 || h.res.Skips[0].Line != 13 || len(h.res.Warnings) != 1 {
		t.Errorf("%v %s %+v", err, h.format, h.res)
	}
	if diff := cmp.Diff(want, h.settings); diff != "" {
		t.Error(diff)
	}
}
