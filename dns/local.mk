# sources and tests of dns/
libmuster_a_SOURCES += \
	dns/conn.c dns/conn.h \
	dns/convert.c dns/convert.h \
	dns/exchange.c dns/exchange.h \
	dns/lookup.c \
	dns/message.c dns/message.h \
	dns/name.c dns/name.h \
	dns/resolver.c dns/resolver.h \
	dns/rr.c dns/rr.h \
	dns/srv.c dns/srv.h \
	dns/update.c dns/update.h \
	dns/zonecut.c dns/zonecut.h

check_PROGRAMS += \
	tests/unit/test_name \
	tests/unit/test_update
