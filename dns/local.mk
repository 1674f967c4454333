# sources and tests of dns/
libmuster_a_SOURCES += \
	dns/conn.c dns/conn.h \
	dns/convert.c dns/convert.h \
	dns/exchange.c dns/exchange.h \
	dns/heartbeat.c dns/heartbeat.h \
	dns/lookup.c \
	dns/message.c dns/message.h \
	dns/name.c dns/name.h \
	dns/rdata.c dns/rdata.h \
	dns/resolver.c dns/resolver.h \
	dns/rr.c dns/rr.h \
	dns/srv.c dns/srv.h \
	dns/transfer.c dns/transfer.h \
	dns/update.c dns/update.h \
	dns/zonecut.c dns/zonecut.h \
	dns/zonefind.c dns/zonefind.h

# Tests that talk to a server of their own.
fake_dns_sources = tests/fakes/dnsserver.c tests/fakes/dnsserver.h
tests_unit_test_conn_SOURCES = tests/unit/test_conn.c $(fake_dns_sources)
tests_unit_test_message_SOURCES = tests/unit/test_message.c $(fake_dns_sources)
tests_unit_test_resolver_SOURCES = tests/unit/test_resolver.c $(fake_dns_sources)
tests_unit_test_transfer_SOURCES = tests/unit/test_transfer.c $(fake_dns_sources)
tests_unit_test_zonecut_SOURCES = tests/unit/test_zonecut.c $(fake_dns_sources)
tests_unit_test_zonefind_SOURCES = tests/unit/test_zonefind.c $(fake_dns_sources)

check_PROGRAMS += \
	tests/unit/test_conn \
	tests/unit/test_heartbeat \
	tests/unit/test_message \
	tests/unit/test_name \
	tests/unit/test_resolver \
	tests/unit/test_transfer \
	tests/unit/test_update \
	tests/unit/test_zonecut \
	tests/unit/test_zonefind
