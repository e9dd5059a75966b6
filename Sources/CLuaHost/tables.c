#include "sandbox.h"

#include <lauxlib.h>
#include <string.h>

/* Tables in a fixed order, sorted in a fixed way, and read-only. */

/* Under this key a read-only table's metatable keeps the table itself. */
static const char real_key = 0;

lua_Integer sw_steps_of_sort(lua_Integer n) {
  lua_Integer steps = n;
  for (lua_Integer m = n; m > 1; m /= 2) steps += 2 * n;
  return steps;
}

/* ---- keys in order -------------------------------------------------------------------------- */

/* Numbers, then strings by their bytes, then booleans: Lua seeds its hashes anew in each run, so the
 * stock order differs from run to run. */
static int key_rank(int type) {
  return type == LUA_TNUMBER ? 0 : type == LUA_TSTRING ? 1 : type == LUA_TBOOLEAN ? 2 : 3;
}

void sw_check_key(lua_State *L, int index) {
  int type = lua_type(L, index);
  if (key_rank(type) < 3) return;
  luaL_error(L, "a table has a %s for a key; only numbers, texts and flags have an order",
             lua_typename(L, type));
}

static int key_less(lua_State *L, int a, int b) {
  int ra = key_rank(lua_type(L, a)), rb = key_rank(lua_type(L, b));
  if (ra != rb) return ra < rb;
  if (ra == 0) return lua_compare(L, a, b, LUA_OPLT);
  if (ra == 1) {
    size_t la, lb;
    const char *ta = lua_tolstring(L, a, &la), *tb = lua_tolstring(L, b, &lb);
    int order = memcmp(ta, tb, la < lb ? la : lb);
    return order ? order < 0 : la < lb;
  }
  if (ra == 2) return lua_toboolean(L, a) < lua_toboolean(L, b);
  return 0;
}

/* Value order for sort: by the comparator at `less`, or by `<`. */
static int value_less(lua_State *L, int less, int a, int b) {
  a = lua_absindex(L, a);
  b = lua_absindex(L, b);
  if (less == -1) return key_less(L, a, b);
  if (!less) return lua_compare(L, a, b, LUA_OPLT);
  lua_pushvalue(L, less);
  lua_pushvalue(L, a);
  lua_pushvalue(L, b);
  lua_call(L, 2, 1);
  int result = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return result;
}

/* Heap sort of t[1..n]: the same comparisons in every run, whatever the comparator answers. */
static void sift(lua_State *L, int t, int less, lua_Integer root, lua_Integer n) {
  for (;;) {
    lua_Integer child = 2 * root;
    if (child > n) return;
    lua_geti(L, t, child);
    if (child < n) {
      lua_geti(L, t, child + 1);
      if (value_less(L, less, -2, -1)) {
        child++;
        lua_replace(L, -2);
      } else {
        lua_pop(L, 1);
      }
    }
    lua_geti(L, t, root);
    if (!value_less(L, less, -1, -2)) {
      lua_pop(L, 2);
      return;
    }
    lua_seti(L, t, child);
    lua_seti(L, t, root);
    root = child;
  }
}

void sw_heap_sort(lua_State *L, int t, int less, lua_Integer n) {
  for (lua_Integer root = n / 2; root >= 1; root--) sift(L, t, less, root, n);
  for (lua_Integer last = n; last > 1; last--) {
    lua_geti(L, t, 1);
    lua_geti(L, t, last);
    lua_seti(L, t, 1);
    lua_seti(L, t, last);
    sift(L, t, less, 1, last - 1);
  }
}

/* The table behind a read-only one, or the table itself, in its place on the stack. */
void sw_unfreeze(lua_State *L, int index) {
  index = lua_absindex(L, index);
  if (!lua_getmetatable(L, index)) return;
  if (lua_rawgetp(L, -1, &real_key) == LUA_TTABLE) {
    lua_replace(L, index);
    lua_pop(L, 1);
  } else {
    lua_pop(L, 2);
  }
}

int sw_keys_function(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  sw_unfreeze(L, 1);
  lua_newtable(L);
  lua_Integer n = 0;
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pop(L, 1);
    sw_check_key(L, -1);
    lua_pushvalue(L, -1);
    lua_seti(L, 2, ++n);
  }
  sw_heap_sort(L, 2, -1, n);
  return 1;
}

static int charged_keys(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer n = 0;
  lua_pushvalue(L, 1);
  sw_unfreeze(L, -1);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    n++;
  }
  lua_pop(L, 1);
  sw_charge(L, sw_steps_of_sort(n));
  lua_pushcfunction(L, sw_keys_function);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return (int)n;
}

static int pairs_step(lua_State *L) {
  for (;;) {
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(3)) + 1;
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(3));
    if (lua_geti(L, lua_upvalueindex(2), at) == LUA_TNIL) return 1;
    lua_pushvalue(L, -1);
    if (lua_gettable(L, lua_upvalueindex(1)) != LUA_TNIL) return 2;
    lua_pop(L, 2);
  }
}

int sw_is_iterator(lua_State *L, int index) { return lua_tocfunction(L, index) == pairs_step; }

int sw_pairs(lua_State *L) {
  lua_settop(L, 1);
  charged_keys(L);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, pairs_step, 3);
  return 1;
}

int sw_next(lua_State *L) {
  lua_settop(L, 2);
  int n = charged_keys(L);
  int found = lua_isnil(L, 2);
  for (int at = 1; at <= n; at++) {
    lua_geti(L, 3, at);
    if (found) {
      lua_pushvalue(L, -1);
      lua_gettable(L, 1);
      return 2;
    }
    found = lua_rawequal(L, -1, 2);
    lua_pop(L, 1);
  }
  lua_pushnil(L);
  return 1;
}

/* ---- read-only tables ------------------------------------------------------------------------ */

static int frozen_newindex(lua_State *L) { return luaL_error(L, "this table is read-only"); }

static int frozen_len(lua_State *L) {
  lua_pushvalue(L, 1);
  sw_unfreeze(L, -1);
  lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
  return 1;
}

int sw_freeze_function(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_newtable(L);
  lua_newtable(L);
  lua_pushvalue(L, 1);
  lua_setfield(L, 3, "__index");
  lua_pushvalue(L, 1);
  lua_rawsetp(L, 3, &real_key);
  lua_pushcfunction(L, frozen_newindex);
  lua_setfield(L, 3, "__newindex");
  lua_pushcfunction(L, frozen_len);
  lua_setfield(L, 3, "__len");
  lua_pushboolean(L, 0);
  lua_setfield(L, 3, "__metatable");
  lua_setmetatable(L, 2);
  return 1;
}

void sw_mark_real(lua_State *L) { lua_rawsetp(L, -2, &real_key); }
