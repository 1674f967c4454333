# sources and tests of dns/
