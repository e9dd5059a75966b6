SHELL := /bin/bash
# What a fresh Debian 12 machine with a Swift toolchain lacks.
PACKAGES := liblua5.4-dev libarchive-dev libmaxminddb-dev libsqlite3-dev libcrypt-dev \
  libsystemd-dev unixodbc-dev
# What only the end-to-end story and the tests of sources need.
SERVERS := postfix postfix-lmdb dovecot-core dovecot-imapd dovecot-lmtpd dovecot-submissiond python3 \
  chromium chromium-driver python3-selenium fonts-noto-core systemd-journal-remote \
  libsqliteodbc odbc-postgresql odbc-mariadb postgresql mariadb-server
SAMPLE := samples/seed-story
SPERRWERK := .build/release/sperrwerk
BENCH_LOG ?= .build/bench.log

.PHONY: demo test e2e e2e-full bench measure lint install-deps install-servers build

demo: build
	$(SPERRWERK) replay --accounts $(SAMPLE)/accounts.csv --sites $(SAMPLE)/websites.csv \
	  --password-changes $(SAMPLE)/password-changes.log --queue $(SAMPLE)/queue \
	  --geo $(SAMPLE)/geo.mmdb --asn $(SAMPLE)/asn.mmdb $(SAMPLE)/mail.log

build: install-deps
	swift build -c release --product sperrwerk

test: install-deps
	swift build --build-tests
	# One after the other: many of them wait for servers and programs, and on two cores too many that wait are a knot.
	swift test --no-parallel

# A hijacked login on a real Postfix and Dovecot of its own, on loopback; skipped where this is not root; leaves nothing behind.
e2e: install-deps install-servers
	swift build --product sperrwerk
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 Tests/EndToEnd/story.py .build/debug/sperrwerk
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 Tests/EndToEnd/web.py .build/debug/sperrwerk
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 Tests/EndToEnd/notices.py .build/debug/sperrwerk

# The same with more kills, and with 100,000 messages in the queue.
e2e-full: build install-servers
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 Tests/EndToEnd/story.py $(SPERRWERK) --full

lint:
	swift format lint --strict -r Sources Tests Package.swift

# Speed as a ratio within one run: BENCH_LOG=/path/to/mail.log for a log of your own.
bench: build
	@test -f "$(BENCH_LOG)" || for n in $$(seq 120); do cat $(SAMPLE)/mail.log; done > "$(BENCH_LOG)"
	@$(SPERRWERK) bench --live "$(BENCH_LOG)"
	@{ for n in 1 2 3 4 5; do \
	  ( TIMEFORMAT='replay %U %S'; time $(SPERRWERK) replay "$(BENCH_LOG)" > .build/bench.out ); \
	  ( TIMEFORMAT='grep %U %S'; time LC_ALL=C grep -c sasl_username "$(BENCH_LOG)" > .build/bench.out ); \
	done; \
	if command -v pflogsumm > /dev/null; then \
	  ( TIMEFORMAT='pflogsumm %U %S'; time pflogsumm "$(BENCH_LOG)" > .build/bench.out ); fi; } 2>&1 \
	| LC_ALL=C sort -k1,1 -k2,2n | awk '{ cpu[$$1, ++n[$$1]] = $$2 + $$3 } END { \
	  base = cpu["grep", 3]; for (name in n) { mid = cpu[name, int((n[name] + 1) / 2)]; \
	  printf "  %-12s %7.2f s of CPU, %5.1f times grep -c (median of %d)\n", name, mid, mid / base, n[name] } }'

# How much is read and judged right: DATA holds real lines and replies, and months of two providers with the truth.
DATA ?= ../shared
REPLAYED = .build/measure/$(1).jsonl
measure: build
	@test -d "$(DATA)/labelled" || { echo "no data: say DATA=FOLDER"; exit 66; }
	python3 "$(DATA)/accept/parse.py" $(SPERRWERK) "$(DATA)/corpora" | tail -3
	python3 "$(DATA)/accept/replies.py" $(SPERRWERK) "$(DATA)/corpora/replies.txt" | tail -3
	@$(call replay,north,)
	@$(call replay,south,--zone +02:00 --reference-time 2026-12-31T00:00:00Z)
	python3 "$(DATA)/accept/score.py" --brief \
	  --truth "$(DATA)/labelled/north/truth.jsonl" --decisions $(call REPLAYED,north) \
	  --truth "$(DATA)/labelled/south/truth.jsonl" --decisions $(call REPLAYED,south)

define replay
	mkdir -p .build/measure/$(1) && tar -xf "$(DATA)/labelled/$(1)/queue.tar.xz" -C .build/measure/$(1) && \
	folder="$(DATA)/labelled/$(1)" && $(SPERRWERK) replay --accounts "$$folder/accounts.csv" \
	  --sites "$$folder/websites.csv" --password-changes "$$folder/password-changes.log" \
	  --queue .build/measure/$(1)/queue --geo "$$folder/geo.mmdb" --asn "$$folder/asn.mmdb" \
	  $(2) --decisions $(call REPLAYED,$(1)) "$$folder/mail.log.xz" > /dev/null
endef

define install
	@missing=""; for name in $(1); do \
	  dpkg-query -W -f '$${Status}' $$name 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$name"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  as_root=; [ "$$(id -u)" = 0 ] || as_root=sudo; \
	  $$as_root apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -qy --no-install-recommends $$missing; \
	fi
endef

install-deps:
	$(call install,$(PACKAGES))

install-servers:
	$(call install,$(SERVERS))

include packaging/package.mk
