# SPDX-License-Identifier: MIT
# `make api-doc`: the C interfaces as web pages in api-doc/html of the build. Nothing else needs doxygen.

API_DIR = api-doc
API_FILES = $(srcdir)/docs/api
DOC_INPUT = $(srcdir)/libs/ctrl/include/xenolith $(srcdir)/libs/light/include/xenolith \
	$(srcdir)/libs/store/include/xenolith $(srcdir)/libs/store/include/xenstore.h \
	$(srcdir)/libs/store/include/xenstore_lib.h $(API_FILES)/main.dox

.PHONY: api-doc
api-doc:
	@command -v doxygen >/dev/null || \
	    { echo "api-doc: doxygen is missing; install Debian's package doxygen" >&2; exit 1; }
	$(AM_V_GEN)rm -rf $(API_DIR)/html && $(MKDIR_P) $(API_DIR) && \
	{ cat $(API_FILES)/Doxyfile && \
	  echo 'INPUT = $(DOC_INPUT)' && echo 'INPUT_FILTER = $(API_FILES)/filter' && \
	  echo 'PROJECT_NUMBER = $(VERSION)' && echo 'OUTPUT_DIRECTORY = $(API_DIR)' && \
	  echo '$(API_OPTIONS)'; } | doxygen -
mostlyclean-local:
	rm -rf $(API_DIR)/html
