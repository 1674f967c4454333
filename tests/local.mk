# Unit tests speak TAP; each links the library and cmocka.
LDADD = libcmd.a libmuster.a $(DEPS_LIBS) $(CMOCKA_LIBS)

TESTS = $(check_PROGRAMS)
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	srcdir='$(top_srcdir)'; export srcdir; builddir='$(top_builddir)'; export builddir;

EXTRA_DIST += tests/unit/unit.h tests/fakes/liar.py

include $(srcdir)/tests/fuzz/local.mk

# The scenarios need root and a real domain (testenv/lab); they are no part of `make check`.
check-lab: muster
	MUSTER_BUILD='$(abs_top_builddir)' $(top_srcdir)/tests/lab/run

# The report page in a browser: needs Chromium and Python; no part of `make check` either.
# tests/bench: a driver of the probe, and the memory of reading and judging.
bench_programs = tests/bench/probe_asker tests/bench/memory
EXTRA_PROGRAMS = tests/html/sample $(bench_programs)
CLEANFILES += tests/html/sample $(bench_programs)
EXTRA_DIST += tests/html/check
check-html: tests/html/sample$(EXEEXT)
	$(top_srcdir)/tests/html/check tests/html/sample$(EXEEXT)
.PHONY: check-lab check-html
