SHELL := /bin/bash
# What a fresh Debian 12 machine with a Swift toolchain lacks.
PACKAGES := liblua5.4-dev libarchive-dev libmaxminddb-dev
SAMPLE := samples/seed-story
SPERRWERK := .build/release/sperrwerk
BENCH_LOG ?= .build/bench.log

.PHONY: demo test bench lint install-deps build

demo: build
	$(SPERRWERK) replay --accounts $(SAMPLE)/accounts.csv --sites $(SAMPLE)/websites.csv \
	  --password-changes $(SAMPLE)/password-changes.log --queue $(SAMPLE)/queue \
	  --geo $(SAMPLE)/geo.mmdb --asn $(SAMPLE)/asn.mmdb $(SAMPLE)/mail.log

build: install-deps
	swift build -c release --product sperrwerk

test: install-deps
	swift build --build-tests
	swift test

lint:
	swift format lint --strict -r Sources Tests Package.swift

# Speed as a ratio within one run: BENCH_LOG=/path/to/mail.log for a log of your own.
bench: build
	@test -f "$(BENCH_LOG)" || for n in $$(seq 120); do cat $(SAMPLE)/mail.log; done > "$(BENCH_LOG)"
	@$(SPERRWERK) bench "$(BENCH_LOG)"
	@echo "CPU seconds (user, system), three runs each:"
	@for n in 1 2 3; do \
	  ( TIMEFORMAT='  sperrwerk replay        %U %S'; time $(SPERRWERK) replay "$(BENCH_LOG)" > /dev/null ); \
	  ( TIMEFORMAT='  grep -c sasl_username   %U %S'; time LC_ALL=C grep -c sasl_username "$(BENCH_LOG)" > .build/grep.count ); \
	done
	@if command -v pflogsumm > /dev/null; then \
	  ( TIMEFORMAT='  pflogsumm               %U %S'; time pflogsumm "$(BENCH_LOG)" > /dev/null ); fi

install-deps:
	@missing=""; for name in $(PACKAGES); do \
	  dpkg-query -W -f '$${Status}' $$name 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$name"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  as_root=; [ "$$(id -u)" = 0 ] || as_root=sudo; \
	  $$as_root apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -qy --no-install-recommends $$missing; \
	fi
