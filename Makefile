SHELL := /bin/bash
PACKAGES := liblua5.4-dev libarchive-dev libmaxminddb-dev
MISSING = $(shell dpkg-query -W -f '$${Package} $${Status}\n' $(PACKAGES) 2>/dev/null | \
	awk '/ok installed/{have[$$1]} END{n=split("$(PACKAGES)",w," "); for(i=1;i<=n;i++) if(!(w[i] in have)) print w[i]}')

.PHONY: demo test bench lint install-deps build

build: install-deps
	swift build -c release --product sperrwerk

install-deps:
	@missing="$(MISSING)"; if [ -n "$$missing" ]; then \
	  echo "installing $$missing"; \
	  as_root=; [ "$$(id -u)" = 0 ] || as_root=sudo; \
	  $$as_root apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -qy --no-install-recommends $$missing; fi

test: build
	swift test

lint:
	swift format lint --strict -r Sources Tests Package.swift
