package main

import (
	"fmt"
	"strings"
)

// Words are the vocabulary of one application: its schema is the same in shape and other in every
// name, so that no rule can lean on a name.
type Words struct {
	Schema, Service string
	People, Person  string // table, and the column that points to it
	Groups, Group   string
	Items, Item     string
	Records         string
	Totals          string
	Journal         string
	Title, Body     string // columns of items
	Score           string
	Code, Token     string // columns of records
	State, Due      string
	Note, Amount    string
	Created         string
	States          []string
}

// vocabularies are the applications that a seed chooses from.
var vocabularies = []Words{
	{
		Schema: "forum", Service: "forum-api",
		People: "members", Person: "member_id", Groups: "boards", Group: "board_id", Items: "topics", Item: "topic_id",
		Records: "posts", Totals: "board_totals", Journal: "visits",
		Title: "title", Body: "summary", Score: "hits", Code: "permalink", Token: "import_key", State: "moderation", Due: "bumped_at",
		Note: "excerpt", Amount: "karma", Created: "posted_at",
		States: []string{"visible", "held", "hidden", "spam", "locked"},
	},
	{
		Schema: "stay", Service: "booking",
		People: "guests", Person: "guest_id", Groups: "hotels", Group: "hotel_id", Items: "rooms", Item: "room_id",
		Records: "reservations", Totals: "occupancy", Journal: "door_events",
		Title: "label", Body: "description", Score: "popularity", Code: "confirmation", Token: "voucher", State: "phase", Due: "arrives_on",
		Note: "wishes", Amount: "cents", Created: "booked_at",
		States: []string{"requested", "confirmed", "paid", "inhouse", "departed", "cancelled"},
	},
	{
		Schema: "courier", Service: "dispatchd",
		People: "customers", Person: "customer_no", Groups: "depots", Group: "depot_no", Items: "routes", Item: "route_no",
		Records: "parcels", Totals: "depot_load", Journal: "scan_log",
		Title: "name", Body: "directions", Score: "stops", Code: "barcode", Token: "sender_ref", State: "leg", Due: "promised_for",
		Note: "handling", Amount: "grams", Created: "accepted_at",
		States: []string{"collected", "sorted", "loaded", "delivered"},
	},
}

// SQL fills the words into a statement: {items} is the table of items, {item} the column that points
// to it, {state:1} the second of the states.
func (w Words) SQL(text string) string {
	pairs := []string{
		"{schema}", w.Schema,
		"{people}", w.People, "{person}", w.Person, "{groups}", w.Groups, "{group}", w.Group, "{items}", w.Items, "{item}", w.Item,
		"{records}", w.Records, "{totals}", w.Totals, "{journal}", w.Journal,
		"{title}", w.Title, "{body}", w.Body, "{score}", w.Score, "{code}", w.Code, "{token}", w.Token, "{state}", w.State, "{due}", w.Due,
		"{note}", w.Note, "{amount}", w.Amount, "{created}", w.Created,
	}
	for i, state := range w.States {
		pairs = append(pairs, fmt.Sprintf("{state:%d}", i), "'"+state+"'")
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
