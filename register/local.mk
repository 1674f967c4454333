libmuster_a_SOURCES += \
	register/address_command.c register/address_command.h \
	register/addresses.c register/addresses.h \
	register/answer.c register/answer.h \
	register/belonging.c register/belonging.h \
	register/choose.c register/choose.h \
	register/contact.c register/contact.h \
	register/earlier.c register/earlier.h \
	register/execute.c register/execute.h \
	register/filewatch.c register/filewatch.h \
	register/form.c register/form.h \
	register/identity.c register/identity.h \
	register/learn.c register/learn.h \
	register/machine.c register/machine.h \
	register/memory.c register/memory.h register/memory_file.c register/memory_json.c \
	register/monitor.c register/monitor.h \
	register/notify.c register/notify.h \
	register/origin.c register/origin.h \
	register/outcome.c register/outcome.h \
	register/ownership.c register/ownership.h \
	register/plan.c register/plan.h \
	register/primaries.c register/primaries.h register/primaries_send.c \
	register/program.c register/program.h \
	register/published.c register/published.h \
	register/published_take.c register/published_take.h \
	register/reach.c register/reach.h \
	register/recall.c register/recall.h \
	register/reconnect.c register/reconnect.h \
	register/register.c register/register.h \
	register/renewal.c register/renewal.h \
	register/report.c register/report.h \
	register/run.h register/run_memory.c register/run_report.c \
	register/runlock.c register/runlock.h \
	register/siblings.c register/siblings.h \
	register/stamp.c register/stamp.h \
	register/status.c register/status.h \
	register/survey.c register/survey.h \
	register/tickets.c register/tickets.h \
	register/unseen.c register/unseen.h \
	register/vouch.c register/vouch.h \
	register/watch.c register/watch.h

tests_unit_test_published_SOURCES = tests/unit/test_published.c $(fake_dns_sources)

tests_unit_test_execute_SOURCES = tests/unit/test_execute.c \
	tests/unit/fakedns.c tests/unit/fakedns.h \
	tests/unit/realm.c tests/unit/realm.h

tests_unit_test_machine_SOURCES = tests/unit/test_machine.c \
	tests/unit/realm.c tests/unit/realm.h

tests_unit_test_vouch_SOURCES = tests/unit/test_vouch.c \
	tests/unit/realm.c tests/unit/realm.h

tests_unit_test_tickets_SOURCES = tests/unit/test_tickets.c \
	tests/unit/realm.c tests/unit/realm.h

check_PROGRAMS += \
	tests/unit/test_address_command \
	tests/unit/test_addresses \
	tests/unit/test_answer \
	tests/unit/test_belonging \
	tests/unit/test_choose \
	tests/unit/test_execute \
	tests/unit/test_filewatch \
	tests/unit/test_identity \
	tests/unit/test_learn \
	tests/unit/test_machine \
	tests/unit/test_memory \
	tests/unit/test_monitor \
	tests/unit/test_notify \
	tests/unit/test_outcome \
	tests/unit/test_plan_register \
	tests/unit/test_program \
	tests/unit/test_published \
	tests/unit/test_recall \
	tests/unit/test_renewal \
	tests/unit/test_runlock \
	tests/unit/test_stamp \
	tests/unit/test_status \
	tests/unit/test_tickets \
	tests/unit/test_vouch \
	tests/unit/test_watch
