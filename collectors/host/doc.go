// Package host reads what a machine does from /proc and /sys: processors, memory, disks, network,
// limits and processes, as samples under the names of collectors.Metrics.
//
// One reading runs the table of probes in order:
//
//  1. A probe reads its files into one buffer that all share and puts samples. What only grows is
//     kept in a table of counters and becomes a rate from the second reading on.
//  2. A probe runs every so often, and never so often that it takes more than half a percent of a
//     core: the processes of a host that has thousands are read every few seconds.
//  3. What cannot be read becomes a Missing with the reason, which stays until the probe succeeds.
//
// Note: gopsutil and prometheus/procfs read the same files. They are not used for what is read every
// second: for each process gopsutil takes ten times the processor time of one file read into a kept
// buffer and procfs more than twice, and procfs makes a value of every number in the interrupts' line of
// /proc/stat, of which large hosts have thousands. What is odd to parse and seldom read, mdstat, is left
// to procfs.
package host
