package main

import (
	"strings"
	"testing"
)

func TestVaryAccess(t *testing.T) {
	const line = `10.0.1.25 - - [22/Nov/2026:21:14:41 +0000] "GET /api/v1/items/4298?page=3 HTTP/1.1" 200 64 "https://shop.example/orders/9" "curl/8.1" rt=0.003` + "\n"
	const want = `10.0.1.62 - - [22/Nov/2026:01:14:41 +0000] "GET /api/v1/items/5309?page=4 HTTP/1.1" 200 64 "https://shop.example/orders/0" "curl/8.1" rt=0.003` + "\n"
	var out strings.Builder
	n, err := varyAccess(&out, strings.NewReader(line+"-\n"), 1)
	if err != nil || n != int64(out.Len()) {
		t.Errorf("%d bytes of %d, %v", n, out.Len(), err)
	}
	if out.String() != want+"-\n" {
		t.Errorf("got  %swant %s", out.String(), want)
	}
}
