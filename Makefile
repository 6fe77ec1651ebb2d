# Everything there is to do with this repository. `make` alone builds.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -s -w -X main.version=$(VERSION)
BUILD   := CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)'
LINT    := $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.7.0

.PHONY: build demo test test-mysql lab incidents lint bench bench-ui bench-index soak dist deps fuzz update clean

build: ## bin/dbtriage, one static binary
	$(BUILD) -o bin/dbtriage ./cmd/dbtriage

demo: build ## analyse the bundled incident
	bin/dbtriage demo

# The race detector needs cgo and a C compiler; where there is none the tests run without it.
RACE := $(shell command -v $${CC:-cc} >/dev/null 2>&1 && echo -race)

# A package has more than Go's ten minutes, for machines that are slow or busy.
TEST := $(GO) test -timeout 30m

test: ## every test; -race where work runs in parallel
	$(GO) vet ./...
	$(TEST) ./...
	$(TEST) $(RACE) ./collectors/logs ./collectors/host ./ui/session
	DBTRIAGE_LAB=1 $(TEST) ./cmd/lab

test-mysql: ## what reads a server, on the one that MYSQLD names, such as MySQL's mysqld
	DBTRIAGE_TEST_MYSQLD=$(MYSQLD) $(TEST) ./collectors/mysql/...
	DBTRIAGE_TEST_MYSQLD=$(MYSQLD) $(TEST) -run 'TestFresh|TestTwoRealServers|TestIndexVerify|TestSample.*MySQL' ./analyzers ./ui/session ./cmd/dbtriage

lint: ## formatting, vet and staticcheck
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w on these'; exit 1; }
	$(GO) vet ./...
	$(LINT) ./...

lab: ## break a small application in every way there is and check the diagnoses; LAB='--only no-pool --times 1'
	$(GO) build -o bin/lab ./cmd/lab
	bin/lab $(LAB)

incidents: ## judge the recorded incidents of DBTRIAGE_SHARED and print what was found in each
	$(GO) test -count=1 -v -run TestIncidents ./ui/session

bench: build ## speed and memory beside other tools; DBTRIAGE_SHARED names the big samples
	$(GO) run ./cmd/bench

bench-ui: build ## the terminal UI beside top and btop: first frame, bytes, key to paint, CPU, RSS
	$(GO) run ./cmd/benchui

bench-index: build ## indexes taken away from six applications, and how much the advice brings back; BENCH_INDEX='-scale 0.1 -detail'
	$(GO) run ./cmd/benchindex $(BENCH_INDEX)

SOAK ?= 1h

soak: build ## play a recording at 10x for $(SOAK) in the terminal UI: memory must stay flat
	$(GO) run ./cmd/benchui -soak $(SOAK) $(RECORDING)

fuzz: ## each fuzz target for a minute
	@for pkg in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime 60s -fuzzminimizetime 5s $$pkg || exit 1; \
	  done; done

update: ## rewrite golden files and generated docs, to be read before they are committed
	$(GO) test ./collectors/logs ./collectors/host ./rules ./ui ./ui/report -update

dist: ## release binaries for linux on amd64 and arm64
	GOOS=linux GOARCH=amd64 $(BUILD) -o dist/dbtriage-linux-amd64 ./cmd/dbtriage
	GOOS=linux GOARCH=arm64 $(BUILD) -o dist/dbtriage-linux-arm64 ./cmd/dbtriage

# The Debian packages that tests run and compare with; .ci/run installs them. Benchmarks want some more.
TEST_PACKAGES := gcc libc6-dev make jq gawk zstd mariadb-server nginx redis-server memcached sysstat procps percona-toolkit logrotate

deps: ## the Debian packages that tests and benchmarks compare with
	apt-get install -y --no-install-recommends $(TEST_PACKAGES) goaccess btop

clean:
	rm -rf bin dist
