# sources and tests of gss-tsig/
