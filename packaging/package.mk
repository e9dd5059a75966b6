# Installing by hand, and as a Debian package. `make deb` needs a Swift toolchain; the machine that gets the package none.
PACKAGING := debhelper fakeroot lintian
DEB_TEST := debootstrap systemd-container
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
# A folder of its own: objects for the static libraries do not link with the others.
STATIC ?= .build-static
INSTALLED ?= $(STATIC)/release/sperrwerk
VERSION := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
DEB := .build/deb/sperrwerk_$(VERSION)_$(shell dpkg --print-architecture).deb

.PHONY: install manual release-build deb deb-test install-packaging

# Swift's own libraries go into the program: only Debian's are left to depend on.
release-build: install-deps
	swift build -c release --static-swift-stdlib --scratch-path $(STATIC) --product sperrwerk

manual:
	@mkdir -p .build/manual
	python3 packaging/manual.py $(INSTALLED) > .build/manual/sperrwerk.8
	@for shell in bash zsh fish; do \
	  set -o pipefail; $(INSTALLED) --generate-completion-script $$shell | sed '1{/^#!/d}' > .build/manual/completions.$$shell || exit 1; done

# Takes what release-build has made. DESTDIR for a package, PREFIX for another place.
install: manual
	install -D -m 0755 $(INSTALLED) $(DESTDIR)$(PREFIX)/bin/sperrwerk
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSCONFDIR)/sperrwerk
	for unit in sperrwerk.service sperrwerk-root.socket sperrwerk-root@.service; do \
	  sed 's|/usr/bin/sperrwerk|$(PREFIX)/bin/sperrwerk|g' packaging/$$unit > $(DESTDIR)$(UNITDIR)/$$unit && \
	  chmod 0644 $(DESTDIR)$(UNITDIR)/$$unit || exit 1; done
	install -D -m 0644 packaging/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/sperrwerk.conf
	install -D -m 0644 packaging/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/sperrwerk.conf
	install -D -m 0644 .build/manual/sperrwerk.8 $(DESTDIR)$(PREFIX)/share/man/man8/sperrwerk.8
	install -D -m 0644 .build/manual/completions.bash \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/sperrwerk
	install -D -m 0644 .build/manual/completions.zsh \
	  $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_sperrwerk
	install -D -m 0644 .build/manual/completions.fish \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/sperrwerk.fish
	install -D -m 0644 packaging/sudoers $(DESTDIR)$(PREFIX)/share/doc/sperrwerk/examples/sudoers
	for file in $$(cd policies && find . -type f | sort); do \
	  install -D -m 0644 policies/$$file $(DESTDIR)$(SYSCONFDIR)/sperrwerk/policies/$$file || exit 1; done
# On this machine, what the package does when it is installed: the user, the folders, settings, and empty tables.
ifeq ($(DESTDIR)$(SYSCONFDIR),/etc)
	PATH="$(PREFIX)/bin:$$PATH" sh debian/sperrwerk.postinst configure \
	  $$(test ! -e /etc/sperrwerk/sperrwerk.yaml || echo $(VERSION)) || \
	  echo "the user sperrwerk and its folders are not made: see packaging/sysusers.conf and tmpfiles.conf"
endif

deb: install-packaging release-build
	DEB_RULES_REQUIRES_ROOT=no debian/rules binary
	lintian --fail-on error $(DEB)
	@ls -l $(DEB)

# The package in a fresh Debian with its own systemd: installed, started, upgraded, removed, purged.
deb-test: deb
	$(call install,$(DEB_TEST))
	python3 Tests/Packaging/life.py $(DEB)

install-packaging:
	$(call install,$(PACKAGING))
