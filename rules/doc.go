package rules

// The procedure, in order:
//
//  1. Load reads the YAML rules and the tests beside them, compiles every expression against the
//     table of facts (names_*.go) and refuses the whole set on the first kind of doubt (load.go).
//  2. gather turns a snapshot and the attribution of its time into facts: one map for the system,
//     one for each query, route and upstream (facts.go, facts_*.go). What was not measured is absent.
//  3. Judge evaluates every rule on every subject of its kind. A condition over an absent fact is
//     unknown; conditions join by Kleene AND; what stays unknown becomes a Gap (eval.go, judge.go).
//  4. Causes hide consequences, equal advice is given once, and later rungs of the ladder wait for
//     earlier ones (resolve.go).
//
// What hosts and servers were recorded to do is judged over the bad window, or over what logs and
// recording both cover (facts_host.go, facts_server.go). Rules read single series and settings by
// functions, r("Connections") or v("max_connections"); each call is a fact of its own
// (series_calls.go).
