# Everything is built under build/. ./configure (from configure.ac) writes config.mk.
# A variant lives beside it: make B=build/tsan CC=clang SANITIZE=thread WERROR=-Werror check

CONFIG := config.mk
ifeq (,$(wildcard $(CONFIG)))
ifneq (,$(filter-out dist clean distclean format check-commits,$(or $(MAKECMDGOALS),all)))
$(error run ./configure first (from a git checkout: autoconf && ./configure))
endif
endif
-include $(CONFIG)

PREFIX ?= /usr/local
B := build
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
    -Wwrite-strings -Wundef -Wconversion -Wno-sign-conversion
SANITIZER := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all)
isystem = $(patsubst -I%,-isystem %,$(1))
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DAVMAP_VERSION='"$(VERSION)"' -Ilib -Icmd $(WARNINGS) $(WERROR) \
    -pthread $(call isystem,$(DEPS_CFLAGS)) $(CPPFLAGS) $(CFLAGS) $(SANITIZER)
LIBS = $(DEPS_LIBS) -lm -pthread

LIB_SOURCES := $(wildcard lib/*/*.c)
CMD_SOURCES := $(wildcard cmd/*.c)
UNIT_TESTS := $(patsubst tests/unit/%.c,$B/tests/unit/%,$(wildcard tests/unit/test_*.c))
VECTORS := $(patsubst tests/vectors/%.c,$B/tests/vectors/%,$(filter-out %/cases.c %_documents.c,$(wildcard tests/vectors/*.c)))
FUZZERS := $(patsubst tests/fuzz/%.c,$B/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
OBJECTS := $(patsubst %.c,$B/%.o,$(LIB_SOURCES) $(CMD_SOURCES) $(wildcard tests/*/*.c))
HEADERS := $(wildcard lib/*/*.h cmd/*.h)
C_FILES := $(wildcard lib/*/*.[ch] cmd/*.[ch] tests/*/*.[ch])

.PHONY: FORCE all bench soak bench-list check check-unit check-vectors check-integration check-containers check-fuzz \
    check-headers check-format check-tidy \
    check-layers check-options check-shell check-man check-docs check-commits lint format fuzz test-programs \
    install uninstall dist clean distclean
.DELETE_ON_ERROR:
.SECONDARY: $(OBJECTS)

all: $(if $(CMD_SOURCES),$B/avmap) $B/libavmap.a

# As it was configured before, when what is needed has changed.
ifneq (,$(and $(wildcard $(CONFIG)),$(wildcard config.status)))
$(CONFIG): configure.ac config.mk.in
	autoconf && ./config.status --recheck >/dev/null && ./config.status && touch $@
endif

# A sanitizer has a malloc of its own.
$B/avmap: $(CMD_SOURCES:%.c=$B/%.o) $B/libavmap.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(if $(SANITIZE),,$(MALLOC_LIBS)) $(LIBS)

$B/libavmap.a: $(LIB_SOURCES:%.c=$B/%.o)
	rm -f $@ && ar rcs $@ $^

$B/%.o: %.c $B/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The compiler and its flags; it changes when they do, so that no two variants mix.
$B/flags: FORCE
	@mkdir -p $(@D)
	@echo $(CC) $(ALL_CFLAGS) $(LDFLAGS) $(MALLOC_LIBS) $(LIBS) >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

-include $(wildcard $(OBJECTS:.o=.d))

# Tests. Each test program prints its own cmocka report.

TEST_SUPPORT := $(patsubst %.c,$B/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))

$(UNIT_TESTS): $B/tests/unit/%: $B/tests/unit/%.o $(TEST_SUPPORT) $B/libavmap.a
	$(if $(CMOCKA_LIBS),,$(error cmocka is missing; install it (scripts/bootstrap test) and run ./configure again))
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $B/libavmap.a $(CMOCKA_LIBS) $(LIBS)

# What is not in the library is linked into its own test.
$B/tests/unit/test_options: $B/cmd/options.o $B/cmd/option_value.o

# Drivers of suites of test vectors that others made: build/tests/vectors/SUITE DIR
$(VECTORS): $B/tests/vectors/%: $B/tests/vectors/%.o $B/tests/vectors/cases.o $B/libavmap.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$B/tests/vectors/s3xml: $B/tests/vectors/s3xml_documents.o

# Without clang the corpus is replayed by a plain main; `make fuzz` explores with libFuzzer.
FUZZ_MAIN = $B/tests/fuzz/replay_main.o

$(FUZZERS): $B/tests/fuzz/%: $B/tests/fuzz/%.o $(filter %.o,$(FUZZ_MAIN)) $B/libavmap.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(filter -%,$(FUZZ_MAIN)) $(LIBS)

$B/tests/fuzz/fuzz_items_csv $B/tests/fuzz/fuzz_items_json: $B/tests/fuzz/list_file.o

test-programs: $(UNIT_TESTS) $(VECTORS) $(FUZZERS) $B/bench/floor

check: check-unit check-vectors check-fuzz

check-unit: $(UNIT_TESTS)
	scripts/run-unit-tests $(UNIT_TESTS)

# Where the suites are: as shared/vectors beside this tree. Elsewhere they are passed over.
SHARED ?= $(or $(AVMAP_SHARED),../shared)

check-vectors: $(VECTORS)
	scripts/run-vectors $(SHARED)/vectors $(VECTORS)

check-fuzz: $(FUZZERS)
	scripts/replay-corpus $(FUZZERS)

check-integration: $B/avmap
	AVMAP=$(abspath $B/avmap) /usr/bin/python3 -m pytest -q -p no:cacheprovider \
	    $(wildcard tests/integration tests/compat)

# The image of scripts/deploy, built and run as AWS Batch would: minutes, so not among the others.
check-containers: $B/avmap
	AVMAP_CONTAINERS=1 /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/integration/test_containers.py

FUZZ_SECONDS ?= 20
FUZZ_CC := clang

fuzz:
	$(MAKE) B=$B/fuzz CC=$(FUZZ_CC) SANITIZE=fuzzer-no-link,address,undefined \
	    FUZZ_MAIN=-fsanitize=fuzzer $(FUZZERS:$B/%=$B/fuzz/%)
	scripts/run-fuzzers $(FUZZ_SECONDS) $(FUZZERS:$B/%=$B/fuzz/%)

# Speed, as ratios to a bare libav loop and to ffmpeg per file, in one sitting on a real S3 server.

BENCH_OPTIONS ?=

$B/bench/floor: $B/tests/bench/floor.o
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

bench: $B/bench/floor $B/avmap
	/usr/bin/python3 tests/bench/bench.py $B/bench/floor $B/avmap $(BENCH_OPTIONS)

bench-list: $B/avmap
	/usr/bin/python3 tests/bench/bench_list.py $B/avmap $(BENCH_OPTIONS)

# A million objects and a list of ten million rows, in flat memory.

soak: $B/avmap
	AVMAP=$(abspath $B/avmap) AVMAP_SOAK=1 AVMAP_SOAK_LOG=$(abspath $B/soak.log) /usr/bin/python3 -m pytest -q \
	    -p no:cacheprovider tests/integration/test_flat_memory.py
	@cat $B/soak.log

# Lint.

lint: check-format check-layers check-headers check-options check-shell check-man check-docs check-tidy

check-format:
	clang-format --dry-run --Werror $(C_FILES)

check-tidy:
	scripts/check-tidy $(filter %.c,$(C_FILES)) -- $(ALL_CFLAGS)

check-layers:
	scripts/check-layers

check-headers:
	scripts/check-headers $(HEADERS) -- $(CC) $(ALL_CFLAGS)

check-options: $B/avmap
	scripts/check-options $B/avmap man/avmap.1

check-shell:
	shellcheck $$(scripts/list-shell-scripts)

check-man:
	scripts/check-man man/*.[15]

check-docs:
	scripts/check-docs

check-commits:
	scripts/check-commits

format:
	clang-format -i $(C_FILES)

# Shipping.

COMPLETIONS := share/bash-completion/completions

install: $B/avmap
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/$(COMPLETIONS)
	install -m 755 $B/avmap $(DESTDIR)$(PREFIX)/bin/avmap
	install -m 644 man/avmap.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 man/avmap-results.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 scripts/completion $(DESTDIR)$(PREFIX)/$(COMPLETIONS)/avmap

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/avmap $(DESTDIR)$(PREFIX)/share/man/man1/avmap.1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5/avmap-results.5 $(DESTDIR)$(PREFIX)/$(COMPLETIONS)/avmap

# A tarball of the working tree with a ready configure, which needs neither git nor autoconf.
dist:
	scripts/make-dist

clean:
	rm -rf $B

distclean: clean
	rm -rf config.mk config.log config.status configure configure~ autom4te.cache avmap-*.tar.gz
