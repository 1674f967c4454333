#include "register/report.h"

const char *register_action_name(enum register_action a)
{
    switch (a) {
    case REGISTER_ADD:
        return "add";
    case REGISTER_KEEP:
        return "keep";
    case REGISTER_REFRESH:
        return "refresh";
    case REGISTER_DELETE:
        return "delete";
    case REGISTER_CONFLICT:
        return "conflict";
    case REGISTER_FAILED:
        return "failed";
    }
    return "failed";
}

const char *register_verified_name(enum register_verified v)
{
    switch (v) {
    case REGISTER_VERIFIED_NONE:
        return "none";
    case REGISTER_VERIFIED_QUERY:
        return "query";
    case REGISTER_VERIFIED_LEGACY:
        return "legacy";
    case REGISTER_VERIFIED_STANDARD:
        return "standard";
    }
    return "none";
}
