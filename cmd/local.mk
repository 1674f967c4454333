muster_SOURCES += \
	cmd/aging.c \
	cmd/command.h \
	cmd/config.c cmd/config.h \
	cmd/help.c cmd/help.h \
	cmd/main.c \
	cmd/options.c cmd/options.h \
	cmd/output.c cmd/output.h \
	cmd/plan_report.c cmd/plan_report.h \
	cmd/records.c \
	cmd/register.c \
	cmd/restore.c \
	cmd/runs.c \
	cmd/scavenge.c \
	cmd/session.c cmd/session.h \
	cmd/table.c \
	cmd/zones.c
dist_man_MANS += man/muster.8 man/muster.conf.5
