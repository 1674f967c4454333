/*
 * /etc/muster.conf: an INI file whose keys are the options of the tables.
 * Sections: [muster], [register], [scavenge]; [register NAME], which may be repeated under other
 * names, for one registration each (options_section); [zone NAME] for each zone that is transferred
 * (options_zone_text).
 */
#ifndef CMD_CONFIG_H
#define CMD_CONFIG_H

#include "cmd/options.h"

/*
 * Read path, or the default file when path is NULL (then it need not exist), and give its values
 * to the options that the command line left open.
 * ERR_CONFIG names file, line and what is wrong there: unknown section or key, malformed
 * line, a flag that is neither yes nor no; ERR_IO: unreadable.
 */
enum err config_load(TALLOC_CTX *mem, const char *path, struct options *options, struct error *e);

/* The same of the file's text; path: for messages.  Pure. */
enum err config_parse(const char *text, const char *path, struct options *options, struct error *e);

#endif
