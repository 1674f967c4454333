# sources and tests of register/
