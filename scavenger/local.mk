libmuster_a_SOURCES += \
	scavenger/apply.c scavenger/apply.h \
	scavenger/gate.c scavenger/gate.h \
	scavenger/journal.c scavenger/journal.h \
	scavenger/journal_read.c \
	scavenger/limits.c scavenger/limits.h \
	scavenger/plan.c scavenger/plan.h \
	scavenger/restore.c scavenger/restore.h \
	scavenger/verdict.c scavenger/verdict.h

check_PROGRAMS += \
	tests/unit/test_gate \
	tests/unit/test_limits \
	tests/unit/test_verdict

EXTRA_DIST += tests/unit/values.h
