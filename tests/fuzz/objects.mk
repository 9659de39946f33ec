# SPDX-License-Identifier: MIT
# The code under test as objects that fuzz targets share; made by run-one, in the sources' folder:
#   make -f tests/fuzz/objects.mk DIR=build/fuzz/objects/KEY FLAGS='...' DIR/xen/lib/elf.o ...
# DIR belongs to one set of flags.

$(DIR)/%.o: %.c
	@mkdir -p $(@D)
	@clang $(FLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(DIR) -name '*.d' 2>/dev/null)
