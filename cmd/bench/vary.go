package main

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
)

// varyAccess copies lines of an access log as another part of a longer log has them: other clients, other
// numbers in paths and referers, another hour. Some tools remember clients and paths one by one; a log
// repeated as it is would spare them most of that.
func varyAccess(w io.Writer, r io.Reader, round int) (written int64, err error) {
	in, out := bufio.NewReaderSize(r, 1<<20), bufio.NewWriterSize(w, 1<<20)
	for {
		line, err := in.ReadSlice('\n')
		if len(line) > 0 {
			n, err := out.Write(varyLine(line, round))
			if written += int64(n); err != nil {
				return written, err
			}
		}
		if err == io.EOF {
			return written, out.Flush()
		}
		if err != nil {
			return written, err
		}
	}
}

// varyLine changes a line in place.
func varyLine(line []byte, round int) []byte {
	fields := bytes.Split(line, []byte(`"`)) // client and time, request, status, referer, …
	if len(fields) < 4 {
		return line
	}
	client, _, _ := bytes.Cut(fields[0], []byte(" "))
	varyByte(client[bytes.LastIndexByte(client, '.')+1:], round)
	if at := bytes.IndexByte(fields[0], ':'); at >= 0 {
		hour := fields[0][at+1:]
		hour[0], hour[1] = '0'+byte(round/10%2), '0'+byte(round%10)
	}
	if method, path, ok := bytes.Cut(fields[1], []byte(" ")); ok && len(method) > 0 {
		path, _, _ = bytes.Cut(path, []byte(" "))
		if bytes.HasPrefix(path, []byte("/api/v")) {
			path = path[len("/api/v1"):]
		}
		turnDigits(path, round)
	}
	turnDigits(fields[3], round)
	return line
}

// varyByte makes another of the number that an address ends with, as long as that.
func varyByte(digits []byte, by int) {
	n, err := strconv.Atoi(string(digits))
	least, most := [4]int{1: 0, 10, 100}, [4]int{1: 9, 99, 255}
	if err != nil || len(digits) > 3 || n < least[len(digits)] || n > most[len(digits)] {
		return
	}
	from, all := least[len(digits)], most[len(digits)]+1-least[len(digits)]
	strconv.AppendInt(digits[:0], int64(from+(n-from+37*by)%all), 10)
}

// turnDigits adds to each digit of text.
func turnDigits(text []byte, by int) {
	for i, b := range text {
		if d := b - '0'; d <= 9 {
			text[i] = '0' + (d+byte(by))%10
		}
	}
}
