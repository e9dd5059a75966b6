#include "matcher.h"

#include <lauxlib.h>

/* Handlers keep no state: what a policy's functions have in common is read-only after the load, and the
 * variables outside them are put back after each call. */

/* Under this key the registry has, for each function of a policy, the list of what to put back. */
static const char lists_key = 0;
/* Deeper than any settings table, and far less than what the C stack bears. */
#define DEEPEST 100

/* Places on the stack while a policy is walked. */
enum { SEEN = 1, LIST, ROOT };

static void walk_value(lua_State *L, int index, int depth);

static int is_read_only(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return 0;
  lua_pop(L, 1);
  return 1;
}

static void append(lua_State *L, int index) {
  lua_pushvalue(L, index);
  lua_rawseti(L, LIST, (lua_Integer)lua_rawlen(L, LIST) + 1);
}

/* Puts a read-only form in the place of each table that the one at `index` holds. */
static void walk_table(lua_State *L, int index, int depth) {
  lua_pushnil(L);
  while (lua_next(L, index)) {
    int value = lua_gettop(L);
    /* A table or a function that is a key would escape the walk. */
    sw_check_key(L, value - 1);
    walk_value(L, value, depth + 1);
    if (lua_rawequal(L, value, -1)) {
      lua_settop(L, value - 1);
      continue;
    }
    /* Assigning to a field that exists is allowed while lua_next goes on. */
    lua_pushvalue(L, value - 1);
    lua_insert(L, -2);
    lua_rawset(L, index);
    lua_settop(L, value - 1);
  }
}

/* Whether the variable was met before, as one of another function: they share it. */
static int is_known_variable(lua_State *L, int index, int number) {
  void *variable = lua_upvalueid(L, index, number);
  int known = lua_rawgetp(L, SEEN, variable) != LUA_TNIL;
  lua_pop(L, 1);
  if (known) return 1;
  lua_pushboolean(L, 1);
  lua_rawsetp(L, SEEN, variable);
  return 0;
}

static void walk_function(lua_State *L, int index, int depth) {
  if (sw_is_iterator(L, index) || sw_is_gmatch(L, index))
    luaL_error(L, "policies keep no state: what pairs or gmatch gave is kept in a variable; "
                  "call it where its loop is");
  if (lua_iscfunction(L, index)) return;
  for (int number = 1; lua_getupvalue(L, index, number); number++) {
    int value = lua_gettop(L);
    if (is_known_variable(L, index, number)) {
      lua_pop(L, 1);
      continue;
    }
    walk_value(L, value, depth + 1);
    int kept = lua_gettop(L);
    append(L, index);
    lua_pushinteger(L, number);
    append(L, kept + 1);
    lua_pop(L, 1);
    /* A list has no holes: a light userdata stands for nil. */
    if (lua_isnil(L, kept)) lua_pushlightuserdata(L, NULL);
    append(L, lua_gettop(L));
    lua_settop(L, kept);
    lua_setupvalue(L, index, number);
    lua_settop(L, value - 1);
  }
}

/* Pushes what is to stand in the value's place: a table's read-only form, or the value itself. */
static void walk_value(lua_State *L, int index, int depth) {
  int type = lua_type(L, index);
  lua_pushvalue(L, index);
  if (type != LUA_TTABLE && type != LUA_TFUNCTION) return;
  if (type == LUA_TTABLE && is_read_only(L, index)) return;
  if (depth > DEEPEST) luaL_error(L, "tables and functions are nested more than %d deep", DEEPEST);
  luaL_checkstack(L, 10, "too many nested tables");
  if (lua_rawget(L, SEEN) != LUA_TNIL) return;
  lua_pop(L, 1);
  /* Remembered before its parts are walked: they may lead back to it. */
  lua_pushvalue(L, index);
  if (type == LUA_TTABLE) {
    lua_pushcfunction(L, sw_freeze_function);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
  }
  lua_pushvalue(L, index);
  lua_pushvalue(L, -2);
  lua_rawset(L, SEEN);
  if (type == LUA_TTABLE) {
    walk_table(L, index, depth);
  } else {
    walk_function(L, index, depth);
  }
}

/* Its argument is what the chunk returned, and its result too. */
int sw_make_stateless(lua_State *L) {
  lua_settop(L, 1);
  lua_newtable(L);
  lua_newtable(L);
  lua_rotate(L, 1, 2);
  lua_pushvalue(L, ROOT);
  walk_value(L, lua_gettop(L), 0);
  /* Every function that was seen leads to the one list. */
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lists_key) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lists_key);
  }
  int lists = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, SEEN)) {
    lua_pop(L, 1);
    if (!lua_isfunction(L, -1)) continue;
    lua_pushvalue(L, -1);
    lua_pushvalue(L, LIST);
    lua_rawset(L, lists);
  }
  lua_pushvalue(L, ROOT);
  return 1;
}

/* Puts the variables outside the function at `index` back to what they were after the load. Allocates
 * nothing, so it cannot raise. */
void sw_put_back(lua_State *L, int index) {
  index = lua_absindex(L, index);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lists_key) != LUA_TTABLE) {
    lua_pop(L, 1);
    return;
  }
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) == LUA_TTABLE) {
    int list = lua_gettop(L);
    lua_Integer count = (lua_Integer)lua_rawlen(L, list);
    for (lua_Integer at = 1; at + 2 <= count; at += 3) {
      lua_rawgeti(L, list, at);
      lua_rawgeti(L, list, at + 1);
      int number = (int)lua_tointeger(L, -1);
      lua_pop(L, 1);
      if (lua_rawgeti(L, list, at + 2) == LUA_TLIGHTUSERDATA) {
        lua_pop(L, 1);
        lua_pushnil(L);
      }
      lua_setupvalue(L, -2, number);
      lua_pop(L, 1);
    }
  }
  lua_settop(L, index);
}
