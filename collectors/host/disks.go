package host

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The columns of /proc/diskstats that are read, after the name of the device.
const (
	diskReads = iota
	_         // merged
	diskReadSectors
	diskReadTime // ms
	diskWrites
	_
	diskWriteSectors
	diskWriteTime
	_ // in flight
	diskBusyTime
	diskQueueTime
	diskColumns
)

// sector is the unit of /proc/diskstats, whatever the device calls a sector.
const sector = 512

// A disk is what /sys says of a device.
type disk struct {
	whole      bool // no partition, which the counters of its disk hold already
	rotational float64
	known      bool // that it is rotational or not
}

// maxDisks bounds the devices that are told.
const maxDisks = 256

// readDisks reads /proc/diskstats: requests, bytes, times, queue and use of every device that ever
// did anything.
func readDisks(p *pass) {
	path := p.inProc("diskstats")
	text, err := p.read(path)
	if err != nil {
		p.miss("disks", err, "")
		return
	}
	bad, devices := 0, 0
	for line := range bytes.Lines(text) {
		_, rest := field(line)
		_, rest = field(rest)
		name, rest := field(rest)
		var c [diskColumns]uint64
		if numbers(rest, c[:]) < diskColumns {
			bad++ // of kernels before 2.6.25, the lines of partitions
			continue
		}
		if c[diskReads]+c[diskWrites] == 0 || bytes.HasPrefix(name, []byte("loop")) || bytes.HasPrefix(name, []byte("ram")) {
			continue
		}
		d, known := p.disks[string(name)]
		if !known {
			// Note: the line is in the buffer that reading /sys fills: its name is copied first.
			d = p.describe(string(name))
			p.disks[string(name)] = d
		}
		if !d.whole || devices == maxDisks {
			continue
		}
		devices++
		p.device(string(name), &c)
		if d.known {
			p.put("disk.rotational", string(name), d.rotational)
		}
	}
	if bad > 0 && devices == 0 {
		p.miss("disks", fmt.Errorf("%s: %d lines are no device's", path, bad), "")
	}
}

// describe asks /sys once for each device; its names have "!" for "/".
func (p *pass) describe(name string) (d disk) {
	dir := filepath.Join(p.sys, "block", strings.ReplaceAll(name, "/", "!"))
	if _, err := os.Stat(dir); err != nil {
		// Where /sys tells of no device at all, none is known for a partition.
		_, none := os.Stat(filepath.Join(p.sys, "block"))
		d.whole = none != nil
		return d
	}
	d.whole = true
	// The buffer of the sampler holds the lines that are being read.
	if b, err := os.ReadFile(filepath.Join(dir, "queue/rotational")); err == nil {
		w, _ := field(b)
		if n, ok := number(w); ok && n <= 1 {
			d.rotational, d.known = float64(n), true
		}
	}
	return d
}

// device puts what one device did.
func (p *pass) device(name string, c *[diskColumns]uint64) {
	var grown [diskColumns]float64
	var seconds float64
	complete := true
	for i, n := range c {
		by, s, ok := p.grown(diskColumnNames[i], name, n)
		if grown[i] = by; !ok && diskColumnNames[i] != "" {
			complete = false
		}
		seconds = s
	}
	if !complete || seconds <= 0 {
		return
	}
	const ms = 0.001
	reads, writes := grown[diskReads], grown[diskWrites]
	p.put("disk.reads", name, reads/seconds)
	p.put("disk.writes", name, writes/seconds)
	p.put("disk.read_bytes", name, grown[diskReadSectors]*sector/seconds)
	p.put("disk.write_bytes", name, grown[diskWriteSectors]*sector/seconds)
	// A mean of no requests is none.
	if reads > 0 {
		p.put("disk.read_await", name, grown[diskReadTime]*ms/reads)
	}
	if writes > 0 {
		p.put("disk.write_await", name, grown[diskWriteTime]*ms/writes)
	}
	if reads+writes > 0 {
		p.put("disk.await", name, (grown[diskReadTime]+grown[diskWriteTime])*ms/(reads+writes))
	}
	p.put("disk.queue", name, grown[diskQueueTime]*ms/seconds)
	p.put("disk.util", name, min(grown[diskBusyTime]*ms/seconds, 1))
}

// diskColumnNames name the counters of a device; what has no name is not kept.
var diskColumnNames = [diskColumns]string{
	diskReads: "reads", diskReadSectors: "read sectors", diskReadTime: "read time",
	diskWrites: "writes", diskWriteSectors: "write sectors", diskWriteTime: "write time",
	diskBusyTime: "busy time", diskQueueTime: "queue time",
}
