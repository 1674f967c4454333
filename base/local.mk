libmuster_a_SOURCES += \
	base/arena.c base/arena.h \
	base/bytes.c base/bytes.h \
	base/clock.c base/clock.h \
	base/connect.c base/connect.h \
	base/err.c base/err.h \
	base/file.c base/file.h \
	base/ip.c base/ip.h \
	base/log.c base/log.h \
	base/own.c base/own.h \
	base/sha256.c base/sha256.h \
	base/workers.c base/workers.h

check_PROGRAMS += \
	tests/unit/test_arena \
	tests/unit/test_bytes tests/unit/test_connect \
	tests/unit/test_clock \
	tests/unit/test_err \
	tests/unit/test_file \
	tests/unit/test_ip \
	tests/unit/test_log \
	tests/unit/test_sha256 \
	tests/unit/test_workers

EXTRA_DIST += tests/unit/tempdir.h
