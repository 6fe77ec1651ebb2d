package main

// game is a log of a game with counters: far more is written than read, and each index is paid for by
// every write. clicks are only ever written and summed by their key.
var game = Schema{
	Name: "game",
	Tables: []Table{
		{Name: "players", Rows: 50_000, Columns: []Column{
			{"id INT NOT NULL AUTO_INCREMENT", serial},
			{"nick VARCHAR(40) NOT NULL", nameOf("nick%06d")},
			{"guild_id INT NOT NULL", upTo(800)},
			{"level INT NOT NULL", upTo(80)},
			{"gold BIGINT NOT NULL", between(0, 100_000)},
			{"seen_at DATETIME NOT NULL", anyTime},
		}, Keys: []string{"PRIMARY KEY (id)"}},
		{Name: "events", Rows: 250_000, Columns: []Column{
			{"id BIGINT NOT NULL AUTO_INCREMENT", serial},
			{"player_id INT NOT NULL", popular("players")},
			{"kind VARCHAR(12) NOT NULL", oneOf("move:700 kill:200 trade:90 ban:1 quest:9")},
			{"amount INT NOT NULL", upTo(1_000)},
			{"created_at DATETIME NOT NULL", rising("events")},
		}, Keys: []string{"PRIMARY KEY (id)"}},
		{Name: "scores", Rows: 80_000, Columns: []Column{
			{"player_id INT NOT NULL", parent(2)},
			{"season INT NOT NULL", child(2)},
			{"score INT NOT NULL", between(0, 1_000_000)},
			{"updated_at DATETIME NOT NULL", anyTime},
		}, Keys: []string{"PRIMARY KEY (player_id, season)"}},
		{Name: "counters", Rows: 100_000, Columns: []Column{
			{"player_id INT NOT NULL", parent(2)},
			{"name VARCHAR(20) NOT NULL", func(d *draw) string { return [...]string{"steps", "kills"}[d.row%2] }},
			{"n BIGINT NOT NULL", between(0, 100_000)},
		}, Keys: []string{"PRIMARY KEY (player_id, name)"}},
		{Name: "clicks", Rows: 40_000, Columns: []Column{
			{"id BIGINT NOT NULL AUTO_INCREMENT", serial},
			{"player_id INT NOT NULL", ref("players")},
			{"button INT NOT NULL", upTo(50)},
			{"created_at DATETIME NOT NULL", rising("clicks")},
		}, Keys: []string{"PRIMARY KEY (id)"}},
	},
	Expert: []string{
		"players (nick)",
		"players (guild_id, level)",
		"events (player_id, created_at)",
		"scores (season, score)",
	},
	Literals: map[string]value{
		"player": popular("players"), "nick": of("players", nameOf("nick%06d")), "guild": upTo(800), "season": upTo(2), "counter": oneOf("steps:1 kills:1"),
		"kind": oneOf("move:700 kill:200 trade:90 quest:9"), "amount": upTo(1_000), "score": between(0, 1_000_000), "day": days(60, 300), "late": days(300, 364), "button": upTo(50), "click": ref("clicks"),
	},
	Templates: []Template{
		{"SELECT id, level, gold FROM players WHERE nick = '{nick}'", 20},
		{"SELECT id, nick, level FROM players WHERE guild_id = {guild} ORDER BY level DESC LIMIT 50", 20},
		{"SELECT id, nick, gold FROM players WHERE id = {player}", 200},
		{"SELECT kind, amount, created_at FROM events WHERE player_id = {player} ORDER BY created_at DESC LIMIT 50", 25},
		{"SELECT SUM(amount) FROM events WHERE player_id = {player} AND kind = 'trade' AND created_at >= '{late}'", 15},
		{"SELECT player_id, score FROM scores WHERE season = {season} ORDER BY score DESC LIMIT 100", 40},
		{"SELECT COUNT(*) FROM scores WHERE season = {season} AND score > {score}", 10},
		{"SELECT n FROM counters WHERE player_id = {player} AND name = '{counter}'", 200},
		{"SELECT COUNT(*) FROM clicks WHERE id > {click} AND id <= {click} + 100", 20},
		{"UPDATE counters SET n = n + 1 WHERE player_id = {player} AND name = '{counter}'", 800},
		{"UPDATE players SET gold = gold + {amount}, seen_at = '{day}' WHERE id = {player}", 600},
		{"UPDATE scores SET score = {score}, updated_at = '{day}' WHERE player_id = {player} AND season = {season}", 300},
		{"INSERT INTO events (player_id, kind, amount, created_at) VALUES ({player}, '{kind}', {amount}, '{day}')", 1_500},
		{"INSERT INTO clicks (player_id, button, created_at) VALUES ({player}, {button}, '{day}')", 1_000},
	},
}
