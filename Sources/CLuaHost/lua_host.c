#include "lua_host.h"

#include "sandbox.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

/* How often the count hook fires. */
#define HOOK_STEP 256
/* No policy needs a string or a table of this size. */
#define LARGEST_BLOCK (512 * 1024)

/* ---- the budget ---------------------------------------------------------------------------- */

static void on_count(lua_State *L, lua_Debug *debug);

static sw_host *host_of(lua_State *L) { return *(sw_host **)lua_getextraspace(L); }

static void exhaust(sw_host *host, const char *what) {
  if (host->exhausted) return;
  host->exhausted = what;
  /* From now on every further instruction raises. */
  if (host->state) lua_sethook(host->state, on_count, LUA_MASKCOUNT, 1);
}

static void *allocate(void *context, void *block, size_t old_size, size_t size) {
  sw_host *host = context;
  if (size == 0) {
    if (block) host->memory -= (int64_t)old_size;
    free(block);
    return NULL;
  }
  int64_t before = block ? (int64_t)old_size : 0;
  if (host->running && size > LARGEST_BLOCK) {
    exhaust(host, "a string or a table grew too large");
    if (size > 64 * LARGEST_BLOCK) return NULL;
  }
  void *fresh = realloc(block, size);
  if (!fresh) return NULL;
  host->memory += (int64_t)size - before;
  if (host->running) {
    if ((int64_t)size > before) host->left.bytes -= (int64_t)size - before;
    if (host->left.bytes < 0) exhaust(host, "it made too many bytes of text and tables");
    if (host->memory > host->memory_cap) exhaust(host, "it holds too much memory");
  }
  return fresh;
}

static int raise_exhausted(lua_State *L, lua_Debug *debug) {
  sw_host *host = host_of(L);
  lua_getinfo(L, "Sl", debug);
  lua_pushfstring(L, "%s:%d: the budget is used up: %s", debug->short_src, debug->currentline,
                  host->exhausted);
  return lua_error(L);
}

static void on_count(lua_State *L, lua_Debug *debug) {
  sw_host *host = host_of(L);
  if (!host->exhausted) {
    host->left.instructions -= HOOK_STEP;
    if (host->left.instructions < 0) exhaust(host, "it ran too many instructions");
  }
  if (host->exhausted) raise_exhausted(L, debug);
}

void sw_charge(lua_State *L, int64_t steps) {
  sw_host *host = host_of(L);
  if (steps < 0 || steps > host->left.instructions) {
    exhaust(host, "a library function would take too many steps");
    luaL_error(L, "the budget is used up: %s", host->exhausted);
  }
  host->left.instructions -= steps;
}

void sw_charge_bytes(lua_State *L, int64_t bytes) {
  sw_host *host = host_of(L);
  if (bytes < 0 || bytes > host->left.bytes || bytes > LARGEST_BLOCK) {
    exhaust(host, "it would make too many bytes of text");
    luaL_error(L, "the budget is used up: %s", host->exhausted);
  }
}

static void begin(lua_State *L, const sw_limits *limits) {
  sw_host *host = host_of(L);
  host->left = *limits;
  host->memory_cap = host->memory + limits->memory;
  host->exhausted = NULL;
  host->running = 1;
  lua_sethook(L, on_count, LUA_MASKCOUNT, HOOK_STEP);
}

static void end(lua_State *L) {
  sw_host *host = host_of(L);
  host->running = 0;
  host->exhausted = NULL;
  lua_sethook(L, NULL, 0, 0);
}

/* ---- views --------------------------------------------------------------------------------- */

/* Upvalues: 1 the fields' numbers by name, 2 the view's number. */
static int view_index(lua_State *L) {
  sw_host *host = host_of(L);
  lua_settop(L, 2);
  int view = (int)lua_tointeger(L, lua_upvalueindex(2));
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNUMBER) {
    int field = (int)lua_tointeger(L, -1);
    int results = host->read(host->context, L, view, field);
    if (results >= 0) return results;
  } else {
    size_t length = 0;
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &length) : "";
    host->unknown(host->context, L, view, name, length);
  }
  luaL_where(L, 1);
  lua_insert(L, -2);
  lua_concat(L, 2);
  return lua_error(L);
}

static int view_newindex(lua_State *L) {
  return luaL_error(L, "events, windows, cases and settings are read-only");
}

typedef struct view_request {
  int view, count;
  const char *const *names;
} view_request;

static int make_view(lua_State *L) {
  const view_request *request = lua_touserdata(L, 1);
  lua_newuserdatauv(L, 0, 0);
  lua_newtable(L);
  lua_createtable(L, 0, request->count);
  for (int field = 0; field < request->count; field++) {
    lua_pushinteger(L, field);
    lua_setfield(L, -2, request->names[field]);
  }
  lua_pushinteger(L, request->view);
  lua_pushcclosure(L, view_index, 2);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, view_newindex);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pushinteger(L, luaL_ref(L, LUA_REGISTRYINDEX));
  return 1;
}

static int protected_integer(lua_State *L, lua_CFunction function, void *request) {
  lua_pushcfunction(L, function);
  lua_pushlightuserdata(L, request);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
    lua_pop(L, 1);
    return -1;
  }
  int value = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return value;
}

int sw_make_view(lua_State *L, int view, const char *const *names, int count) {
  view_request request = {view, count, names};
  return protected_integer(L, make_view, &request);
}

int sw_install_constructors(lua_State *L, const char *const *names, int count) {
  sw_names request = {names, count};
  return protected_integer(L, sw_constructors_function, &request);
}

/* ---- opening, loading, calling ------------------------------------------------------------- */

lua_State *sw_open(void *context, sw_read_field read, sw_unknown_name unknown) {
  sw_host *host = calloc(1, sizeof *host);
  if (!host) return NULL;
  host->context = context;
  host->read = read;
  host->unknown = unknown;
  lua_State *L = lua_newstate(allocate, host);
  if (!L) {
    free(host);
    return NULL;
  }
  *(sw_host **)lua_getextraspace(L) = host;
  host->state = L;
  lua_pushcfunction(L, sw_open_sandbox);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
    sw_close(L);
    return NULL;
  }
  return L;
}

void sw_set_context(lua_State *L, void *context) { host_of(L)->context = context; }

void sw_close(lua_State *L) {
  sw_host *host = host_of(L);
  host->running = 0;
  host->state = NULL;
  lua_close(L);
  free(host);
}

/* Puts `FILE:LINE: ` of the innermost Lua function that is still known before the message at the top. */
static void add_place(lua_State *L) {
  lua_Debug debug;
  for (int level = 1; lua_getstack(L, level, &debug); level++) {
    lua_getinfo(L, "Sl", &debug);
    if (debug.currentline <= 0) continue;
    lua_pushfstring(L, "%s:%d: ", debug.short_src, debug.currentline);
    lua_insert(L, -2);
    lua_concat(L, 2);
    return;
  }
}

/* An error's message as text with its place, also where a script raised a table. */
static int message(lua_State *L) {
  if (lua_type(L, 1) != LUA_TSTRING) {
    lua_pushfstring(L, "error with a %s for its message", luaL_typename(L, 1));
    add_place(L);
    return 1;
  }
  const char *text = lua_tostring(L, 1);
  /* What luaL_error wrote has its place already. */
  if (strncmp(text, SW_CHUNK ":", sizeof SW_CHUNK) == 0 && text[sizeof SW_CHUNK] >= '0' &&
      text[sizeof SW_CHUNK] <= '9')
    return 1;
  add_place(L);
  return 1;
}

int sw_load(lua_State *L, const char *source, size_t length, const sw_limits *limits) {
  begin(L, limits);
  lua_pushcfunction(L, message);
  int handler = lua_gettop(L);
  /* Lua would cut a file's name at 60 characters: the caller puts it in the place of this one. */
  int status = luaL_loadbufferx(L, source, length, "=" SW_CHUNK, "t");
  if (status == LUA_OK) {
    sw_push_environment(L);
    lua_setupvalue(L, -2, 1);
    status = lua_pcall(L, 0, 1, handler);
  }
  if (status == LUA_OK) {
    lua_pushcfunction(L, sw_make_stateless);
    lua_insert(L, -2);
    status = lua_pcall(L, 1, 1, handler);
  }
  lua_remove(L, handler);
  end(L);
  return status == LUA_OK ? 0 : 1;
}

int sw_call(lua_State *L, int function, const int *arguments, int count,
            const sw_limits *limits) {
  if (!lua_checkstack(L, count + 4)) return 1;
  lua_pushcfunction(L, message);
  int handler = lua_gettop(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, function);
  for (int i = 0; i < count; i++) {
    if (arguments[i] < 0) {
      lua_pushnil(L);
    } else {
      lua_rawgeti(L, LUA_REGISTRYINDEX, arguments[i]);
    }
  }
  begin(L, limits);
  int status = lua_pcall(L, count, 1, handler);
  lua_remove(L, handler);
  end(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, function);
  sw_put_back(L, -1);
  lua_pop(L, 1);
  return status == LUA_OK ? 0 : 1;
}

/* ---- small things --------------------------------------------------------------------------- */

void sw_push_text(lua_State *L, const char *text, size_t length) {
  lua_pushlstring(L, text, length);
}

static int reference(lua_State *L) {
  lua_pushinteger(L, luaL_ref(L, LUA_REGISTRYINDEX));
  return 1;
}

int sw_reference(lua_State *L) {
  lua_pushcfunction(L, reference);
  lua_insert(L, -2);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
    lua_pop(L, 1);
    return -1;
  }
  int value = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return value;
}

void sw_push_reference(lua_State *L, int reference) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
}

int sw_function_line(lua_State *L, int index) {
  lua_Debug debug;
  lua_pushvalue(L, index);
  if (!lua_isfunction(L, -1)) {
    lua_pop(L, 1);
    return 0;
  }
  lua_getinfo(L, ">S", &debug);
  return debug.linedefined > 0 ? debug.linedefined : 0;
}

int sw_freeze(lua_State *L) {
  lua_pushcfunction(L, sw_freeze_function);
  lua_insert(L, -2);
  if (lua_pcall(L, 1, 1, 0) == LUA_OK) return 0;
  lua_pop(L, 1);
  return -1;
}

int sw_sorted_keys(lua_State *L, int index) {
  index = lua_absindex(L, index);
  lua_pushcfunction(L, sw_keys_function);
  lua_pushvalue(L, index);
  return lua_pcall(L, 1, 1, 0) == LUA_OK ? 0 : -1;
}
