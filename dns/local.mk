# sources and tests of dns/
libmuster_a_SOURCES += \
	dns/conn.c dns/conn.h \
	dns/convert.c dns/convert.h \
	dns/message.c dns/message.h \
	dns/name.c dns/name.h \
	dns/rr.c dns/rr.h \
	dns/update.c dns/update.h
