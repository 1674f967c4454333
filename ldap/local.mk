# sources and tests of ldap/
libmuster_a_SOURCES += \
	ldap/accounts.c ldap/accounts.h \
	ldap/controllers.c ldap/controllers.h \
	ldap/account_name.c ldap/account_name.h \
	ldap/computers.c ldap/computers.h \
	ldap/computers_read.c \
	ldap/batch.c ldap/batch.h \
	ldap/bind.c ldap/bind.h \
	ldap/candidates.c \
	ldap/cldap.c ldap/cldap.h \
	ldap/dc.c ldap/dc.h \
	ldap/dccache.c ldap/dccache.h \
	ldap/dial.c ldap/dial.h \
	ldap/directory.c ldap/directory.h \
	ldap/dnsp.c ldap/dnsp.h \
	ldap/dnsp_rr.c ldap/dnsp_rr.h \
	ldap/dnsp_text.c \
	ldap/dnsp_wire.c ldap/dnsp_wire.h \
	ldap/dnsproperty.c ldap/dnsproperty.h \
	ldap/entry.c ldap/entry.h \
	ldap/locator.c ldap/locator.h \
	ldap/masters.c ldap/masters.h \
	ldap/modify.c ldap/modify.h \
	ldap/name.c ldap/name.h \
	ldap/netlogon.c ldap/netlogon.h \
	ldap/ping.c ldap/ping.h \
	ldap/nodes.c ldap/nodes.h \
	ldap/pipeline.c ldap/pipeline.h \
	ldap/range.c ldap/range.h \
	ldap/replmeta.c ldap/replmeta.h \
	ldap/sd.c ldap/sd.h \
	ldap/seen.c ldap/seen.h \
	ldap/search.c ldap/search.h \
	ldap/stream.c ldap/stream.h \
	ldap/server_clock.c ldap/server_clock.h \
	ldap/zone_aging.c \
	ldap/zone_properties.c ldap/zone_properties.h \
	ldap/zones.c ldap/zones.h

check_PROGRAMS += \
	tests/unit/test_batch \
	tests/unit/test_bind \
	tests/unit/test_cldap \
	tests/unit/test_computers \
	tests/unit/test_dccache \
	tests/unit/test_dnsp \
	tests/unit/test_dnsp_rr \
	tests/unit/test_dnsp_wire \
	tests/unit/test_dnsproperty \
	tests/unit/test_locator \
	tests/unit/test_masters \
	tests/unit/test_modify \
	tests/unit/test_netlogon \
	tests/unit/test_nodes \
	tests/unit/test_ping \
	tests/unit/test_pipeline \
	tests/unit/test_rdn \
	tests/unit/test_replmeta \
	tests/unit/test_sd \
	tests/unit/test_search \
	tests/unit/test_seen \
	tests/unit/test_zone_properties \
	tests/unit/test_zones
fake_cldap_sources = tests/fakes/cldapserver.c tests/fakes/cldapserver.h
tests_unit_test_locator_SOURCES = tests/unit/test_locator.c $(fake_cldap_sources) $(fake_dns_sources)
tests_unit_test_ping_SOURCES = tests/unit/test_ping.c $(fake_cldap_sources) $(fake_dns_sources)
EXTRA_DIST += tests/unit/fake_ldap.h
