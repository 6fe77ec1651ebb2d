package analyzers

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func route(path string) string { return string(AppendRoute(nil, []byte(path))) }

// roomy is path with room behind it, as the lines of a log have, full of what does not belong to it.
func roomy(path []byte) []byte {
	return append(bytes.Clone(path), bytes.Repeat([]byte("7/?.z"), 26)...)[:len(path)]
}

func TestAppendRoute(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"/", "/"},
		{"", "-"},
		{"-", "-"},
		{"*", "*"},
		{"/health", "/health"},
		{"/api/v1/items/42?page=2#top", "/api/v1/items/:id"},
		{"/api/v2beta1/users/7/", "/api/v2beta1/users/:id/"},
		{"//api///items//3", "/api/items/:id"},
		{"/static/img/f26c198c58e3417ca4318084e42f7e7d.png", "/static/img/:hex.png"},
		{"/assets/app.3f2a91bc.js", "/assets/app.:hex.js"},
		{"/assets/main.min.css", "/assets/main.min.css"},
		{"/u/6f1c2d34-9a7b-4c1d-8e2f-001122334455/x", "/u/:uuid/x"},
		{"/u/6F1C2D34-9A7B-4C1D-8E2F-001122334455", "/u/:uuid"},
		{"/deadbeef/facade", "/deadbeef/facade"},
		{"/c/3f2a91bc", "/c/:hex"},
		{"/c/3F2A91BC0", "/c/:hex"},
		{"/d/2026-11-22", "/d/:date"},
		{"/d/2026-11", "/d/:date"},
		{"/d/2026-13", "/d/:id"},
		{"/d/2026-11-22T21:14:41Z", "/d/:date"},
		{"/d/20261122", "/d/:date"},
		{"/d/20261322", "/d/:id"},
		{"/d/2026/11/22", "/d/:date"},
		{"/d/2026/11/22/x", "/d/:date/x"},
		{"/blog/2020/7/post-2ea038-1173", "/blog/:id/:id/:slug"},
		{"/x/2026/11/220", "/x/:id/:id/:id"},
		{"/x/1500/11/22", "/x/:id/:id/:id"},
		{"/my-post-title-12345", "/:slug"},
		{"/12345-my-post", "/:slug"},
		{"/news/my-post-12345.html", "/news/:slug.html"},
		{"/en-US/zh_CN/pt-br", "/en-US/zh_CN/pt-br"},
		{"/forgot-password/two_factor", "/forgot-password/two_factor"},
		{"/getUserByIdV2/oauth2/s3/mp3", "/getUserByIdV2/oauth2/s3/mp3"},
		{"/exportToS3Bucket/base64", "/exportToS3Bucket/base64"},
		{"/watch/dQw4w9WgXcQ", "/watch/:token"},
		{"/t/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "/t/:token"},
		{"/t/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/t/:token"},
		{"/pay/cus_NffrFeUfNV2Hib", "/pay/:token"},
		{"/sku/AB12345", "/sku/:token"},
		{"/geo/51.5074,-0.1278", "/geo/:id"},
		{"/list/1,2,3", "/list/:id"},
		{"/../etc/passwd", "/../etc/passwd"},
		{"/./.../..-", "/./.../..-"},
		{"/Products(17)/Name", "/Products(:id)/Name"},
		{"/items=17", "/items=:id"},
		{"/user:17", "/user::id"},
		{"/x(1)(2)", "/x(1)(2)"},
		{"/(17)", "/(17)"},
		{"/v1/x=y/f(x)", "/v1/x=y/f(x)"},
		{"/v1/oauth2/s3/web3:x", "/v1/oauth2/s3/web3:x"},
		{"/tag/%E4%B8%AD", "/tag/:slug"},
		{"/tag/caf\xc3\xa9", "/tag/café"},
		{`/tag/\x22quoted\x22`, "/tag/:slug"},
		{"/mail/ann@example.com", "/mail/:token"},
		{"/@ann", "/@ann"},
		{"/users/:id/{name}", "/users/:id/{name}"},
		{"/a;jsessionid=ABC123/b;x=1?y", "/a/b"},
		{"http://shop.example/x/5?q", "/x/:id"},
		{"https://shop.example", "/"},
		{"https://shop.example?x=/y", "/"},
		{"shop.example:443", ":host"},
		{"[::1]:8443", ":host"},
		{"/a\x00\x1b[31mb", "/a\uFFFD[31mb"},
		{"/\xff\xfe/ok", "/\uFFFD/ok"},
		{"/a\u202eb", "/a\uFFFDb"},
		{"/" + strings.Repeat("x", 65), "/:token"},
		{"/" + strings.Repeat("x", 39), "/" + strings.Repeat("x", 39)},
		{strings.Repeat("/a", 12), strings.Repeat("/a", 12)},
		{strings.Repeat("/a", 13), strings.Repeat("/a", 12) + "/…"},
		{"UsersController#show", "UsersController"},
		{"users.show", "users.show"},
	} {
		got := route(c.path)
		if got != c.want {
			t.Errorf("route of %q is %q, want %q", c.path, got, c.want)
		}
		if got := string(AppendRoute(nil, roomy([]byte(c.path)))); got != c.want {
			t.Errorf("route of %q amid a log is %q, want %q", c.path, got, c.want)
		}
		if again := route(got); again != got {
			t.Errorf("route of %q is %q, and the route of that is %q", c.path, got, again)
		}
	}
}

func TestAppendRouteAppends(t *testing.T) {
	if got := string(AppendRoute([]byte("GET "), []byte("/items/42"))); got != "GET /items/:id" {
		t.Errorf("got %q", got)
	}
}

func TestAppendRouteDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 256)
	path := []byte("/blog/2020/7/post-2ea038-1173/app.3f2a91bc.js?x=1")
	if n := testing.AllocsPerRun(100, func() { buf = AppendRoute(buf[:0], path) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzRoute(f *testing.F) {
	for _, s := range []string{
		"/api/v1/items/42?x", "/2026/11/22/a", "http://h/x", "h:443", "/\xff.\x00.1.2", "/a.:id.3f2a91bc.js",
		"/%20/..//;a=b/c", "/user_12-ab.html", "/…", "*", "/" + strings.Repeat("1.", 40),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, path []byte) {
		in := bytes.Clone(path)
		got := appendRoute(nil, path)
		if short := AppendRoute(nil, roomy(path)); !bytes.Equal(short, got) {
			t.Fatalf("route of %q is %q amid a log, else %q", path, short, got)
		}
		if !bytes.Equal(in, path) {
			t.Fatalf("changed its input %q", in)
		}
		if len(got) == 0 || !utf8.Valid(got) {
			t.Fatalf("route of %q is %q", path, got)
		}
		for _, r := range string(got) {
			if !unicode.IsPrint(r) {
				t.Fatalf("route of %q has %U: %q", path, r, got)
			}
		}
		if bytes.ContainsAny(got, "?#") || len(got) > (maxSegments+1)*(maxSegment+1) {
			t.Fatalf("route of %q is %q", path, got)
		}
		if again := AppendRoute(nil, got); !bytes.Equal(again, got) {
			t.Fatalf("route of %q is %q, and the route of that is %q", path, got, again)
		}
	})
}

func BenchmarkAppendRoute(b *testing.B) {
	paths := [][]byte{
		[]byte("/static/img/f26c198c58e3417ca4318084e42f7e7d.png"),
		[]byte("/api/v1/items/13433/teams/768630?page=43&sort=created_at&dir=desc"),
		[]byte("/health"),
		[]byte("/blog/2020/7/post-2ea038-1173"),
		[]byte("/api/v2/comments/48511"),
		[]byte("/search?q=ee74%20c712&limit=37"),
		[]byte("/user/156464/orders"),
		[]byte("/forgot-password"),
	}
	size := 0
	for i, p := range paths {
		size += len(p)
		paths[i] = roomy(p)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	buf := make([]byte, 0, 256)
	for b.Loop() {
		for _, p := range paths {
			buf = AppendRoute(buf[:0], p)
		}
	}
}
