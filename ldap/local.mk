# sources and tests of ldap/
