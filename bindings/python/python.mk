# SPDX-License-Identifier: MIT
# Bindings for scripts: interface files for SWIG, one for each library; the package xenolith for
# Python above them; and a module for Lua, which shows that they serve other languages.

BIND_INTERFACES = \
	bindings/python/common.i \
	bindings/python/ctrl-arrays.i \
	bindings/python/ctrl-handles.i \
	bindings/python/ctrl-structs.i \
	bindings/python/ctrl-unbound.i \
	bindings/python/ctrl.i \
	bindings/python/light-unbound.i \
	bindings/python/light.i \
	bindings/python/other.i \
	bindings/python/python.i \
	bindings/python/store-handles.i \
	bindings/python/store-python.i \
	bindings/python/store.i
BIND_H_FILES = \
	bindings/python/bind.h \
	bindings/python/kinds.h \
	bindings/python/light-adapt.h \
	bindings/python/store-adapt.h
EXTRA_DIST += $(BIND_INTERFACES) $(BIND_H_FILES) examples/python tests/python

BIND_CPPFLAGS = $(LIGHT_CPPFLAGS) -I$(top_srcdir)/bindings/python
# Of code that SWIG makes, warnings that can be wrong are not asked for.
BIND_CFLAGS = -std=gnu11 -Wall -Werror -Wno-unused-but-set-variable -Wno-unused-function \
	-Wno-missing-field-initializers -Wno-maybe-uninitialized -fvisibility=hidden
BIND_DEPENDS = $(BIND_INTERFACES) $(xenolithinclude_HEADERS) $(include_HEADERS) $(xenpublic_HEADERS)
AM_V_SWIG = $(am__v_SWIG_@AM_V@)
am__v_SWIG_ = $(am__v_SWIG_@AM_DEFAULT_V@)
am__v_SWIG_0 = @echo "  SWIG    " $@;
am__v_SWIG_1 =
RUN_SWIG = $(AM_V_SWIG)$(MKDIR_P) $(@D)/raw && $(SWIG) -DSWIGWORDSIZE64 $(BIND_CPPFLAGS)

# The package in Python. Files that make no sense to mypy have stubs.
PYTHON_PACKAGE = \
	bindings/python/xenolith/__init__.py \
	bindings/python/xenolith/config.py \
	bindings/python/xenolith/console.py \
	bindings/python/xenolith/device.py \
	bindings/python/xenolith/domain.py \
	bindings/python/xenolith/errors.py \
	bindings/python/xenolith/events.py \
	bindings/python/xenolith/host.py \
	bindings/python/xenolith/operation.py \
	bindings/python/xenolith/py.typed \
	bindings/python/xenolith/pv.py \
	bindings/python/xenolith/record.py \
	bindings/python/xenolith/sim.py \
	bindings/python/xenolith/store.py \
	bindings/python/xenolith/terminal.py \
	bindings/python/xenolith/tls.py
PYTHON_RAW = \
	bindings/python/xenolith/raw/__init__.py \
	bindings/python/xenolith/raw/ctrl.pyi \
	bindings/python/xenolith/raw/light.pyi \
	bindings/python/xenolith/raw/store.pyi \
	bindings/python/xenolith/raw/where.pyi
EXTRA_DIST += $(PYTHON_PACKAGE) $(PYTHON_RAW)

if PYTHON
PYTHON_MADE = bindings/python/raw/ctrl.py bindings/python/raw/store.py bindings/python/raw/light.py \
	bindings/python/raw/where.py
PYTHON_WRAPPERS = bindings/python/ctrl_wrap.c bindings/python/store_wrap.c \
	bindings/python/light_wrap.c
CLEANFILES += $(PYTHON_WRAPPERS) $(PYTHON_MADE) bindings/python/package.stamp

bindings/python/%_wrap.c: $(BIND_DEPENDS)
	$(RUN_SWIG) -python -outdir $(@D)/raw -o $@ $(srcdir)/bindings/python/$*.i
bindings/python/raw/%.py: bindings/python/%_wrap.c
	@test -f $@ && touch $@
# Where the package finds the store daemon of simulated hosts.
bindings/python/raw/where.py: Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && printf '%s\n' '# SPDX-License-Identifier: MIT' \
		'LIBEXEC = "$(pkglibexecdir)"' >$@

xenolithrawdir = $(pyexecdir)/xenolith/raw
xenolithraw_LTLIBRARIES = bindings/python/_ctrl.la bindings/python/_store.la bindings/python/_light.la
PYTHON_LDFLAGS = -module -avoid-version -shared -Wl,-z,now
nodist_bindings_python__ctrl_la_SOURCES = bindings/python/ctrl_wrap.c
bindings_python__ctrl_la_CPPFLAGS = $(BIND_CPPFLAGS) $(PYTHON_HEADERS_CFLAGS)
bindings_python__ctrl_la_CFLAGS = $(BIND_CFLAGS)
bindings_python__ctrl_la_LDFLAGS = $(PYTHON_LDFLAGS)
bindings_python__ctrl_la_LIBADD = $(CTRL_LIBS)
nodist_bindings_python__store_la_SOURCES = bindings/python/store_wrap.c
bindings_python__store_la_CPPFLAGS = $(BIND_CPPFLAGS) $(PYTHON_HEADERS_CFLAGS)
bindings_python__store_la_CFLAGS = $(BIND_CFLAGS)
bindings_python__store_la_LDFLAGS = $(PYTHON_LDFLAGS)
bindings_python__store_la_LIBADD = $(STORE_LIBS)
nodist_bindings_python__light_la_SOURCES = bindings/python/light_wrap.c
bindings_python__light_la_CPPFLAGS = $(BIND_CPPFLAGS) $(PYTHON_HEADERS_CFLAGS)
bindings_python__light_la_CFLAGS = $(BIND_CFLAGS)
bindings_python__light_la_LDFLAGS = $(PYTHON_LDFLAGS)
bindings_python__light_la_LIBADD = $(LIGHT_LIBS)

# Large, and no faster for it: the last word on how to compile them.
bindings/python/_ctrl_la-ctrl_wrap.lo bindings/python/_store_la-store_wrap.lo \
bindings/python/_light_la-light_wrap.lo bindings/python/lua/light_la-light_wrap.lo: CFLAGS += -O0

xenolithpackagedir = $(pythondir)/xenolith
xenolithpackage_DATA = $(PYTHON_PACKAGE)
xenolithrawpydir = $(pythondir)/xenolith/raw
xenolithrawpy_DATA = $(PYTHON_RAW)
nodist_xenolithrawpy_DATA = $(PYTHON_MADE)

# The package as it will be installed, for tests: put it into PYTHONPATH, and the libraries into
# LD_LIBRARY_PATH.
noinst_DATA = bindings/python/package.stamp
bindings/python/package.stamp: $(PYTHON_PACKAGE) $(PYTHON_RAW) $(PYTHON_MADE) $(xenolithraw_LTLIBRARIES)
	$(AM_V_GEN)rm -rf bindings/python/package && $(MKDIR_P) bindings/python/package/xenolith/raw
	$(AM_V_at)for f in $(PYTHON_PACKAGE); do \
		ln -s $(abs_srcdir)/$$f bindings/python/package/xenolith/ || exit; done
	$(AM_V_at)for f in $(PYTHON_RAW); do \
		ln -s $(abs_srcdir)/$$f bindings/python/package/xenolith/raw/ || exit; done
	$(AM_V_at)for f in $(PYTHON_MADE) bindings/python/.libs/_*.so; do \
		ln -s $(abs_builddir)/$$f bindings/python/package/xenolith/raw/ || exit; done
	$(AM_V_at)touch $@
clean-local:
	rm -rf bindings/python/package
endif

# The same for Lua, as far as a test wants it: require("light").
if LUA
check_LTLIBRARIES = bindings/python/lua/light.la
CLEANFILES += bindings/python/lua/light_wrap.c
bindings/python/lua/light_wrap.c: $(BIND_DEPENDS)
	$(AM_V_SWIG)$(MKDIR_P) $(@D) && $(SWIG) -DSWIGWORDSIZE64 $(BIND_CPPFLAGS) -lua -o $@ \
		$(srcdir)/bindings/python/light.i
nodist_bindings_python_lua_light_la_SOURCES = bindings/python/lua/light_wrap.c
bindings_python_lua_light_la_CPPFLAGS = $(BIND_CPPFLAGS) $(LUA_CFLAGS)
bindings_python_lua_light_la_CFLAGS = $(BIND_CFLAGS)
# A module: for libtool one that could be installed.
bindings_python_lua_light_la_LDFLAGS = -module -avoid-version -shared -rpath /none
bindings_python_lua_light_la_LIBADD = $(LIGHT_LIBS)
endif
