libmuster_a_SOURCES += \
	gss-tsig/chain.c gss-tsig/chain.h \
	gss-tsig/context.c gss-tsig/context.h \
	gss-tsig/credentials.c gss-tsig/credentials.h gss-tsig/credentials_in.h \
	gss-tsig/hmac.c gss-tsig/hmac.h \
	gss-tsig/kdc.c gss-tsig/kdc.h \
	gss-tsig/kdc_answer.c gss-tsig/kdc_answer.h \
	gss-tsig/kdc_find.c gss-tsig/kdc_find.h \
	gss-tsig/keytab.c gss-tsig/keytab.h \
	gss-tsig/keytab_keys.c gss-tsig/keytab_keys.h \
	gss-tsig/krb5env.c gss-tsig/krb5env.h \
	gss-tsig/mech.c gss-tsig/mech.h \
	gss-tsig/obtain.c gss-tsig/obtain.h \
	gss-tsig/services.c \
	gss-tsig/session.c gss-tsig/session.h \
	gss-tsig/tkey.c gss-tsig/tkey.h \
	gss-tsig/tsig.c gss-tsig/tsig.h \
	gss-tsig/verify.c gss-tsig/verify.h \
	gss-tsig/wire.c gss-tsig/wire.h

EXTRA_DIST += gss-tsig/PROTOCOL.md

check_PROGRAMS += tests/unit/test_chain tests/unit/test_credentials tests/unit/test_kdc tests/unit/test_session \
	tests/unit/test_tkey tests/unit/test_tsig
tests_unit_test_credentials_SOURCES = tests/unit/test_credentials.c \
	tests/unit/realm.c tests/unit/realm.h
tests_unit_test_session_SOURCES = tests/unit/test_session.c \
	tests/unit/fakedns.c tests/unit/fakedns.h \
	tests/unit/realm.c tests/unit/realm.h
tests_unit_test_kdc_SOURCES = tests/unit/test_kdc.c $(fake_dns_sources) \
	tests/unit/realm.c tests/unit/realm.h
