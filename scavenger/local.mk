libmuster_a_SOURCES += \
	scavenger/apply.c scavenger/apply.h \
	scavenger/evidence.c scavenger/evidence.h \
	scavenger/findings.c scavenger/findings.h \
	scavenger/gate.c scavenger/gate.h \
	scavenger/hearing.c \
	scavenger/guard.c scavenger/guard.h \
	scavenger/journal.c scavenger/journal.h \
	scavenger/journal_read.c \
	scavenger/limits.c scavenger/limits.h \
	scavenger/pairs.c scavenger/pairs.h \
	scavenger/plan.c scavenger/plan.h \
	scavenger/restore.c scavenger/restore.h \
	scavenger/survey.c scavenger/survey.h \
	scavenger/values.c scavenger/values.h \
	scavenger/verdict.c scavenger/verdict.h

check_PROGRAMS += \
	tests/unit/test_apply \
	tests/unit/test_evidence \
	tests/unit/test_gate \
	tests/unit/test_guard \
	tests/unit/test_journal \
	tests/unit/test_journal_read \
	tests/unit/test_limits \
	tests/unit/test_pairs \
	tests/unit/test_plan_scavenge \
	tests/unit/test_restore \
	tests/unit/test_verdict

# The directory of these tests is the test itself.
tests_unit_test_apply_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=guard_write
tests_unit_test_restore_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=node_read

EXTRA_DIST += tests/unit/accounts.h tests/unit/journal_sample.h tests/unit/values.h
