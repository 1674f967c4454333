# sources and tests of scavenger/
