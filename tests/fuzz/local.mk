# Fuzz targets.  In ordinary builds `make check` replays what is kept for each; configured with
# --enable-fuzzers (testenv/build fuzz) they are linked with libFuzzer instead.
fuzz_programs = \
	tests/fuzz/fuzz_address_command \
	tests/fuzz/fuzz_config \
	tests/fuzz/fuzz_conn \
	tests/fuzz/fuzz_dccache \
	tests/fuzz/fuzz_dns_message \
	tests/fuzz/fuzz_dnsproperty \
	tests/fuzz/fuzz_dnsrecord \
	tests/fuzz/fuzz_echo \
	tests/fuzz/fuzz_journal \
	tests/fuzz/fuzz_kdc_answer \
	tests/fuzz/fuzz_lookup \
	tests/fuzz/fuzz_memory \
	tests/fuzz/fuzz_name \
	tests/fuzz/fuzz_netlogon \
	tests/fuzz/fuzz_published \
	tests/fuzz/fuzz_replmeta \
	tests/fuzz/fuzz_resolv_conf \
	tests/fuzz/fuzz_sd \
	tests/fuzz/fuzz_tkey \
	tests/fuzz/fuzz_transfer \
	tests/fuzz/fuzz_tsig \
	tests/fuzz/fuzz_values \
	tests/fuzz/fuzz_zonefind
check_PROGRAMS += $(fuzz_programs)

fuzz_sources = tests/fuzz/fuzz.c tests/fuzz/fuzz.h
resolving_sources = tests/fuzz/resolving.c tests/fuzz/resolving.h
if FUZZERS
fuzz_driver =
else
fuzz_driver = tests/fuzz/replay.c
endif

tests_fuzz_fuzz_address_command_SOURCES = tests/fuzz/fuzz_address_command.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_conn_SOURCES = tests/fuzz/fuzz_conn.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_dccache_SOURCES = tests/fuzz/fuzz_dccache.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_dns_message_SOURCES = tests/fuzz/fuzz_dns_message.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_dnsproperty_SOURCES = tests/fuzz/fuzz_dnsproperty.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_dnsrecord_SOURCES = tests/fuzz/fuzz_dnsrecord.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_echo_SOURCES = tests/fuzz/fuzz_echo.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_journal_SOURCES = tests/fuzz/fuzz_journal.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_kdc_answer_SOURCES = tests/fuzz/fuzz_kdc_answer.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_lookup_SOURCES = tests/fuzz/fuzz_lookup.c $(resolving_sources) $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_memory_SOURCES = tests/fuzz/fuzz_memory.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_name_SOURCES = tests/fuzz/fuzz_name.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_netlogon_SOURCES = tests/fuzz/fuzz_netlogon.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_published_SOURCES = tests/fuzz/fuzz_published.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_replmeta_SOURCES = tests/fuzz/fuzz_replmeta.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_resolv_conf_SOURCES = tests/fuzz/fuzz_resolv_conf.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_sd_SOURCES = tests/fuzz/fuzz_sd.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_tkey_SOURCES = tests/fuzz/fuzz_tkey.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_transfer_SOURCES = tests/fuzz/fuzz_transfer.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_tsig_SOURCES = tests/fuzz/fuzz_tsig.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_values_SOURCES = tests/fuzz/fuzz_values.c $(fuzz_sources) $(fuzz_driver)
tests_fuzz_fuzz_zonefind_SOURCES = tests/fuzz/fuzz_zonefind.c $(resolving_sources) $(fuzz_sources) \
	$(fuzz_driver)

# Where the bytes come from, or what judges them, is the target itself.
tests_fuzz_fuzz_conn_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=connect_any -Wl,--wrap=recv \
	-Wl,--wrap=send -Wl,--wrap=poll -Wl,--wrap=dns_message_id
tests_fuzz_fuzz_journal_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fsync
resolving_ldflags = -Wl,--wrap=dns_exchange -Wl,--wrap=dns_message_id
tests_fuzz_fuzz_lookup_LDFLAGS = $(AM_LDFLAGS) $(resolving_ldflags)
tests_fuzz_fuzz_published_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dns_conn_ask -Wl,--wrap=dns_conn_server
tests_fuzz_fuzz_transfer_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dns_conn_send -Wl,--wrap=dns_conn_recv \
	-Wl,--wrap=dns_message_id
tests_fuzz_fuzz_tsig_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=secctx_verify
tests_fuzz_fuzz_zonefind_LDFLAGS = $(AM_LDFLAGS) $(resolving_ldflags)

fuzzers: $(fuzz_programs)
.PHONY: fuzzers

EXTRA_DIST += tests/fuzz/README.md tests/fuzz/corpus tests/fuzz/merge tests/fuzz/regressions \
	tests/fuzz/run tests/fuzz/seeds tests/fuzz/seeds.py
