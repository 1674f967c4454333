# Everything but main, so that tests can link the tables.
noinst_LIBRARIES += libcmd.a
libcmd_a_SOURCES = \
	cmd/aging.c \
	cmd/command.h \
	cmd/commands.c \
	cmd/config.c cmd/config.h \
	cmd/doctor.c cmd/doctor.h \
	cmd/doctor_machine.c \
	cmd/doctor_server.c \
	cmd/doctor_sssd.c cmd/doctor_sssd.h \
	cmd/help.c cmd/help.h \
	cmd/options.c cmd/options.h \
	cmd/output.c cmd/output.h \
	cmd/evidence_report.c cmd/evidence_report.h \
	cmd/plan_report.c cmd/plan_report.h \
	cmd/planning.c cmd/planning.h \
	cmd/records.c \
	cmd/register.c cmd/register.h cmd/register_options.h \
	cmd/restore.c \
	cmd/runs.c \
	cmd/scavenge.c \
	cmd/sections.c cmd/sections.h \
	cmd/status.c \
	cmd/session.c cmd/session.h \
	cmd/table.c \
	cmd/watch.c \
	cmd/watch_job.c cmd/watch_job.h \
	cmd/watch_section.c cmd/watch_section.h \
	cmd/why.c \
	cmd/zones.c

muster_SOURCES += cmd/main.c
muster_LDADD = libcmd.a libmuster.a $(DEPS_LIBS)

dist_man_MANS += man/muster.8 man/muster.conf.5

check_PROGRAMS += tests/unit/test_config tests/unit/test_doctor tests/unit/test_options tests/unit/test_output tests/unit/test_tables
