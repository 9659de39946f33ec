/* SPDX-License-Identifier: MIT */
/* store-handles.i - the objects of libxenstore.so.4, for the modules that meet them. */
%handle(xstore_handle, bind_store)
%handle(xstore_op, bind_store_op)
