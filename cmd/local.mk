muster_SOURCES += cmd/main.c
