#!/bin/bash
# SPDX-License-Identifier: MIT
# The same interface files make a module for Lua: it opens hosts, lists domains, reads and writes
# configurations, says why something failed, and objects may go in any order.
#   tests/python/lua.sh [BUILD]
set -euo pipefail
# shellcheck source=python.bash
. "$(dirname "$0")/python.bash"
if ! grep -q "^bindings/python/lua/light.la:" "$build/Makefile"; then
    echo "skipped: configured without Lua"
    exit 3
fi
make -C "$build" -s bindings/python/lua/light.la
export LUA_CPATH="$build/bindings/python/lua/.libs/?.so"
lua5.4 - <<'END'
local light = require("light")
local h = light.xlight_open_why("sim:cpus=2")
local list = light.xlight_domain_list(h)
assert(list:match('"domid": ?0'), list)
assert(not list:match('"domid": ?1'), list)
local ok, why = pcall(light.xlight_domain_pause, h, 9)
assert(not ok and why:match("domain 9") and why:match("ESRCH"), why)
ok, why = pcall(light.xlight_open_why, "sim:cpus=none")
assert(not ok and why:match("cpus"), why)
assert(light.xlight_host_parse_cpus(h, "all,^0") == "1")
local c = light.xlight_config_parse("f", 'name = "web"\nkernel = "/k"\nmemory = 8\n', nil)
local text = light.xlight_config_to_json(c)
assert(text:match('"name": ?"web"'), text)
local op = light.xlight_domain_create_start(h, c, nil)
assert(light.xlight_op_result(op) == -115)
light.xlight_close(h)
ok, why = pcall(light.xlight_domain_list, h)
assert(not ok and why:match("closed"), why)
h, c = nil, nil
collectgarbage()
-- It has no store: what it needs to end is gone with nobody but itself.
ok, why = pcall(light.xlight_op_wait, op)
assert(not ok, "created without a store")
op = nil
collectgarbage()
print("ok")
END
