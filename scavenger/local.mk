libmuster_a_SOURCES += \
	scavenger/ages.c scavenger/ages.h \
	scavenger/aging_lint.c scavenger/aging_lint.h \
	scavenger/apply.c scavenger/apply.h \
	scavenger/comparison.c scavenger/comparison.h \
	scavenger/evidence.c scavenger/evidence.h \
	scavenger/findings.c scavenger/findings.h \
	scavenger/gate.c scavenger/gate.h \
	scavenger/hearing.c \
	scavenger/host_account.c scavenger/host_account.h \
	scavenger/guard.c scavenger/guard.h \
	scavenger/journal.c scavenger/journal.h \
	scavenger/journal_read.c \
	scavenger/limits.c scavenger/limits.h \
	scavenger/pairs.c scavenger/pairs.h scavenger/pairs_find.c scavenger/pairs_in.h \
	scavenger/plan.c scavenger/plan.h \
	scavenger/replicas.c scavenger/replicas.h \
	scavenger/replica_views.c scavenger/replica_views.h \
	scavenger/probe.c scavenger/probe.h \
	scavenger/probe_echo.c scavenger/probe_echo.h \
	scavenger/probe_plan.c scavenger/probe_plan.h \
	scavenger/relied.c scavenger/relied.h \
	scavenger/restore.c scavenger/restore.h \
	scavenger/retention.c scavenger/retention.h \
	scavenger/served_nodes.c scavenger/served_nodes.h \
	scavenger/served_pointers.c scavenger/served_pointers.h \
	scavenger/served_restore.c scavenger/served_restore.h \
	scavenger/served_settle.c \
	scavenger/served_survey.c scavenger/served_survey.h \
	scavenger/served_updates.c scavenger/served_updates.h \
	scavenger/sightings.c scavenger/sightings.h scavenger/sightings_db.h \
	scavenger/sightings_changes.c scavenger/sightings_changes.h \
	scavenger/sightings_open.c \
	scavenger/sightings_probes.c \
	scavenger/sightings_read.c \
	scavenger/signal.c scavenger/signal.h \
	scavenger/silence.c scavenger/silence.h \
	scavenger/survey.c scavenger/survey.h \
	scavenger/updates.c scavenger/updates.h \
	scavenger/updates_message.c \
	scavenger/values.c scavenger/values.h \
	scavenger/verdict.c scavenger/verdict.h

check_PROGRAMS += \
	tests/unit/test_ages \
	tests/unit/test_aging_lint \
	tests/unit/test_apply \
	tests/unit/test_comparison \
	tests/unit/test_evidence \
	tests/unit/test_gate \
	tests/unit/test_guard \
	tests/unit/test_host_account \
	tests/unit/test_journal \
	tests/unit/test_journal_read \
	tests/unit/test_limits \
	tests/unit/test_pairs \
	tests/unit/test_plan_scavenge \
	tests/unit/test_replicas \
	tests/unit/test_probe \
	tests/unit/test_probe_echo \
	tests/unit/test_probe_plan \
	tests/unit/test_restore \
	tests/unit/test_retention \
	tests/unit/test_served_survey \
	tests/unit/test_served_updates \
	tests/unit/test_sightings \
	tests/unit/test_sightings_changes \
	tests/unit/test_signal \
	tests/unit/test_silence \
	tests/unit/test_updates \
	tests/unit/test_verdict

# The directory of this test is the test itself.
tests_unit_test_restore_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=pipeline_new,--wrap=pipeline_pending,--wrap=pipeline_read,--wrap=pipeline_next

EXTRA_DIST += tests/unit/accounts.h tests/unit/fake_store.h tests/unit/full_disk.h tests/unit/journal_sample.h tests/unit/values.h
