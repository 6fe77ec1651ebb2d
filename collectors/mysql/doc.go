// Package mysql reads a live MySQL or MariaDB server without hurting it.
//
// One connection, one statement at a time:
//
//  1. Log in as the mysql client would (config.go, option_file.go) and take on limits: the server
//     itself ends a statement of ours after half a second, waits for locks hardly, and changes nothing.
//  2. At each reading run the probes that are due (probes.go), each under a time limit.
//  3. A probe that may not be read is a gap with the statement that would allow it; one that was too
//     slow waits twice as long before it is run again.
//  4. A connection that was cut off while a statement ran is not replaced before the server has ended
//     that statement's thread.
//
// Nothing here sets a global variable, writes a row or ends a session.
package mysql
