# Everything but main, so that tests can link the tables.
noinst_LIBRARIES += libcmd.a
libcmd_a_SOURCES = \
	cmd/aging.c \
	cmd/applying.c cmd/applying.h \
	cmd/command.h \
	cmd/commands.c \
	cmd/compare.c cmd/compare.h \
	cmd/config.c cmd/config.h \
	cmd/controller.c cmd/controller.h \
	cmd/elsewhere.c cmd/elsewhere.h \
	cmd/doctor.c cmd/doctor.h \
	cmd/doctor_domain.c \
	cmd/doctor_elsewhere.c \
	cmd/doctor_machine.c \
	cmd/doctor_server.c \
	cmd/doctor_sssd.c cmd/doctor_sssd.h \
	cmd/domain_state.c cmd/domain_state.h \
	cmd/help.c cmd/help.h \
	cmd/observed_report.c cmd/observed_report.h \
	cmd/options.c cmd/options.h \
	cmd/output.c cmd/output.h \
	cmd/evidence_report.c cmd/evidence_report.h \
	cmd/hidden.c cmd/hidden.h \
	cmd/html_text.c \
	cmd/lint_report.c cmd/lint_report.h \
	cmd/plan_report.c cmd/plan_report.h \
	cmd/planning.c cmd/planning.h \
	cmd/privileges.c cmd/privileges.h \
	cmd/probing.c cmd/probing.h \
	cmd/records.c cmd/records.h \
	cmd/register.c cmd/register.h cmd/register_options.h \
	cmd/report_html.c cmd/report_html.h \
	cmd/report_metrics.c cmd/report_metrics.h \
	cmd/report_stats.c cmd/report_stats.h \
	cmd/report_summary.c cmd/report_summary.h \
	cmd/report_syslog.c cmd/report_syslog.h \
	cmd/restore.c \
	cmd/runs.c \
	cmd/same_name.c cmd/same_name.h \
	cmd/scavenge.c \
	cmd/sections.c cmd/sections.h \
	cmd/served.c cmd/served.h \
	cmd/served_accounts.c cmd/served_accounts.h \
	cmd/served_pass.c cmd/served_pass.h \
	cmd/served_settings.c cmd/served_settings.h \
	cmd/served_silence.c cmd/served_silence.h \
	cmd/served_zones.c cmd/served_zones.h \
	cmd/status.c \
	cmd/session.c cmd/session.h \
	cmd/table.c \
	cmd/watch.c \
	cmd/watch_job.c cmd/watch_job.h \
	cmd/watch_section.c cmd/watch_section.h \
	cmd/watch_settings.c cmd/watch_settings.h \
	cmd/why.c \
	cmd/why_elsewhere.c cmd/why_elsewhere.h \
	cmd/why_served.c cmd/why_served.h \
	cmd/why_served_report.c cmd/why_served_report.h \
	cmd/zones.c

# The page's style and script as strings, with the hashes that its policy names.
nodist_libcmd_a_SOURCES = cmd/report_assets.h
BUILT_SOURCES += cmd/report_assets.h
CLEANFILES += cmd/report_assets.h
EXTRA_DIST += cmd/embed cmd/report_page.css cmd/report_page.js
cmd/report_html.$(OBJEXT): cmd/report_assets.h
cmd/report_assets.h: cmd/embed cmd/report_page.css cmd/report_page.js
	$(AM_V_GEN)$(MKDIR_P) cmd && $(SHELL) $(srcdir)/cmd/embed $(srcdir)/cmd/report_page.css \
		$(srcdir)/cmd/report_page.js >$@.new && mv $@.new $@

muster_SOURCES += cmd/main.c
muster_LDADD = libcmd.a libmuster.a $(DEPS_LIBS)

dist_man_MANS += man/muster.8 man/muster.conf.5

check_PROGRAMS += tests/unit/test_config tests/unit/test_doctor tests/unit/test_options tests/unit/test_output tests/unit/test_tables \
	tests/unit/test_report_html tests/unit/test_report_metrics tests/unit/test_report_syslog
EXTRA_DIST += tests/unit/report_sample.h
