#include "matcher.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

/* The environment of policies: an allow list of the stock functions, those that can run long or
 * allocate much behind a guard that charges the budget first. */

static const char environment_key = 0;

/* ---- strings ---------------------------------------------------------------------------------- */

/* The stock function is the first upvalue of each guard. */
static int call_stock(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static int guarded_rep(lua_State *L) {
  size_t length, separator = 0;
  luaL_checklstring(L, 1, &length);
  lua_Integer times = luaL_checkinteger(L, 2);
  luaL_optlstring(L, 3, "", &separator);
  if (times > 0) {
    double bytes = (double)times * (double)(length + separator);
    sw_charge_bytes(L, bytes > 1e15 ? -1 : (int64_t)bytes);
    sw_charge(L, (int64_t)bytes / 16 + times);
  }
  return call_stock(L);
}

static void refuse_addresses(lua_State *L, int from) {
  for (int i = from; i <= lua_gettop(L); i++) {
    int type = lua_type(L, i);
    if (type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TUSERDATA ||
        type == LUA_TLIGHTUSERDATA || type == LUA_TTHREAD)
      luaL_argerror(L, i, lua_pushfstring(L, "text or number expected, got %s", lua_typename(L, type)));
  }
}

static int guarded_format(lua_State *L) {
  const char *format = luaL_checkstring(L, 1);
  refuse_addresses(L, 2);
  for (const char *p = format; *p; p++) {
    if (*p != '%') continue;
    if (*++p == '%') continue;
    while (*p && !((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'))) p++;
    if (*p == 'p') luaL_error(L, "format has no '%%p' here: an address differs from run to run");
    if (!*p) break;
  }
  sw_charge(L, (int64_t)strlen(format));
  return call_stock(L);
}

static int guarded_linear(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  sw_charge(L, (int64_t)length / 16);
  return call_stock(L);
}

/* ---- tables ----------------------------------------------------------------------------------- */

static int guarded_shift(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  sw_charge(L, luaL_len(L, 1));
  return call_stock(L);
}

static int sandbox_sort(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_Integer n = luaL_len(L, 1);
  sw_charge(L, sw_steps_of_sort(n));
  sw_heap_sort(L, 1, lua_isnil(L, 2) ? 0 : 2, n);
  return 0;
}

/* ---- the base ----------------------------------------------------------------------------------- */

static int sandbox_tostring(lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  refuse_addresses(L, 1);
  luaL_tolstring(L, 1, NULL);
  return 1;
}

/* The upvalue is the view's number: -1 for globals, -2 for what `sperrwerk` has. */
static int unknown_name(lua_State *L) {
  sw_host *host = *(sw_host **)lua_getextraspace(L);
  size_t length = 0;
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &length) : "";
  host->unknown(host->context, L, (int)lua_tointeger(L, lua_upvalueindex(1)), name, length);
  luaL_where(L, 1);
  lua_insert(L, -2);
  lua_concat(L, 2);
  return lua_error(L);
}

static void push_unknown_name(lua_State *L, int view) {
  lua_pushinteger(L, view);
  lua_pushcclosure(L, unknown_name, 1);
}

static int global_newindex(lua_State *L) {
  return luaL_error(L, "globals are read-only; write 'local %s'",
                    lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "name");
}

static void guard(lua_State *L, const char *name, lua_CFunction function) {
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, function, 1);
  lua_setfield(L, -2, name);
}

static void drop(lua_State *L, const char *name) {
  lua_pushnil(L);
  lua_setfield(L, -2, name);
}

static void freeze_field(lua_State *L, int env, const char *name) {
  lua_pushcfunction(L, sw_freeze_function);
  lua_insert(L, -2);
  lua_call(L, 1, 1);
  lua_setfield(L, env, name);
}

static void open_string(lua_State *L, int env) {
  luaL_requiref(L, "string", luaopen_string, 0);
  static const char *const dropped[] = {"dump", "pack", "unpack", "packsize"};
  for (int i = 0; i < 4; i++) drop(L, dropped[i]);
  guard(L, "rep", guarded_rep);
  guard(L, "format", guarded_format);
  static const luaL_Reg counting[] = {{"find", sw_string_find},
                                      {"match", sw_string_match},
                                      {"gmatch", sw_string_gmatch},
                                      {"gsub", sw_string_gsub},
                                      {NULL, NULL}};
  luaL_setfuncs(L, counting, 0);
  static const char *const linear[] = {"lower", "upper", "reverse", "byte"};
  for (int i = 0; i < 4; i++) guard(L, linear[i], guarded_linear);
  lua_pushcfunction(L, sw_freeze_function);
  lua_insert(L, -2);
  lua_call(L, 1, 1);
  /* ("x"):rep(9) goes through the strings' metatable: the same guarded functions. */
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 2);
  lua_setfield(L, env, "string");
}

static void open_math_and_table(lua_State *L, int env) {
  luaL_requiref(L, "math", luaopen_math, 0);
  drop(L, "random");
  drop(L, "randomseed");
  freeze_field(L, env, "math");
  luaL_requiref(L, "table", luaopen_table, 0);
  drop(L, "move");
  drop(L, "pack");
  guard(L, "insert", guarded_shift);
  guard(L, "remove", guarded_shift);
  guard(L, "concat", guarded_shift);
  guard(L, "unpack", guarded_shift);
  lua_pushcfunction(L, sandbox_sort);
  lua_setfield(L, -2, "sort");
  freeze_field(L, env, "table");
}

int sw_open_sandbox(lua_State *L) {
  static const char *const kept[] = {"assert", "error", "ipairs", "select", "type", "tonumber"};
  luaL_requiref(L, "_G", luaopen_base, 0);
  int base = lua_gettop(L);
  lua_newtable(L);
  int env = lua_gettop(L);
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    lua_getfield(L, base, kept[i]);
    lua_setfield(L, env, kept[i]);
  }
  lua_pushcfunction(L, sandbox_tostring);
  lua_setfield(L, env, "tostring");
  lua_pushcfunction(L, sw_pairs);
  lua_setfield(L, env, "pairs");
  lua_pushcfunction(L, sw_next);
  lua_setfield(L, env, "next");
  open_string(L, env);
  open_math_and_table(L, env);
  /* Names that do not exist raise, in reading as in writing. */
  lua_newtable(L);
  push_unknown_name(L, -1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, env);
  lua_newtable(L);
  lua_newtable(L);
  lua_pushvalue(L, env);
  lua_setfield(L, -2, "__index");
  lua_pushvalue(L, env);
  sw_mark_real(L);
  lua_pushcfunction(L, global_newindex);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &environment_key);
  /* The stock tables are reached by nobody from here on. */
  lua_pushnil(L);
  lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_settop(L, 0);
  return 0;
}

void sw_push_environment(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &environment_key); }

/* ---- the global `sperrwerk` ---------------------------------------------------------------------- */

static int construct(lua_State *L) {
  const char *name = lua_tostring(L, lua_upvalueindex(1));
  if (lua_type(L, 1) != LUA_TTABLE || lua_gettop(L) != 1)
    return luaL_error(L, "%s takes one table: sperrwerk.%s { reason = \"...\" }", name, name);
  lua_Debug debug;
  int line = 0;
  if (lua_getstack(L, 1, &debug) && lua_getinfo(L, "l", &debug)) line = debug.currentline;
  lua_createtable(L, 3, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_seti(L, -2, 1);
  lua_pushvalue(L, 1);
  lua_seti(L, -2, 2);
  lua_pushinteger(L, line);
  lua_seti(L, -2, 3);
  return 1;
}

int sw_constructors_function(lua_State *L) {
  const sw_names *request = lua_touserdata(L, 1);
  lua_newtable(L);
  for (int i = 0; i < request->count; i++) {
    lua_pushstring(L, request->names[i]);
    lua_pushcclosure(L, construct, 1);
    lua_setfield(L, -2, request->names[i]);
  }
  lua_newtable(L);
  push_unknown_name(L, -2);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pushcfunction(L, sw_freeze_function);
  lua_insert(L, -2);
  lua_call(L, 1, 1);
  sw_push_environment(L);
  sw_unfreeze(L, -1);
  lua_insert(L, -2);
  lua_setfield(L, -2, "sperrwerk");
  lua_pushinteger(L, 0);
  return 1;
}
