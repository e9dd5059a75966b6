#define _GNU_SOURCE /* memmem */

#include "matcher.h"

#include <lauxlib.h>
#include <string.h>

/* string.find, match, gmatch and gsub over the counting matcher. */

static void subject_of(lua_State *L, int text, int pattern, sw_subject *subject) {
  size_t length;
  subject->text = luaL_checklstring(L, text, &length);
  subject->text_end = subject->text + length;
  subject->pattern = luaL_checklstring(L, pattern, &length);
  subject->pattern_end = subject->pattern + length;
  subject->may_anchor = 1;
}

/* Where an `init` argument begins; NULL behind the text's end. */
static const char *start_of(lua_State *L, int argument, const sw_subject *subject) {
  lua_Integer length = subject->text_end - subject->text;
  lua_Integer init = luaL_optinteger(L, argument, 1);
  if (init < 0) init = init < -length ? 1 : length + init + 1;
  if (init == 0) init = 1;
  return init > length + 1 ? NULL : subject->text + (init - 1);
}

static void push_capture(lua_State *L, const sw_subject *subject, const sw_match *found, int number) {
  if (number >= found->count) {
    if (number != 0) luaL_error(L, "invalid capture index %%%d", number + 1);
    lua_pushlstring(L, found->start, (size_t)(found->end - found->start));
    return;
  }
  const sw_capture *capture = &found->captures[number];
  if (capture->length == SW_OPEN) luaL_error(L, "unfinished capture");
  if (capture->length == SW_POSITION) {
    lua_pushinteger(L, capture->start - subject->text + 1);
  } else {
    lua_pushlstring(L, capture->start, (size_t)capture->length);
  }
}

/* All captures; the whole match where the pattern has none and `whole` is set. */
static int push_captures(lua_State *L, const sw_subject *subject, const sw_match *found, int whole) {
  int count = found->count == 0 && whole ? 1 : found->count;
  luaL_checkstack(L, count, "too many captures");
  for (int number = 0; number < count; number++) push_capture(L, subject, found, number);
  return count;
}

/* ---- find and match ------------------------------------------------------------------------------ */

static int find_plain(lua_State *L, const sw_subject *subject, const char *from) {
  size_t length = (size_t)(subject->pattern_end - subject->pattern);
  sw_charge(L, (subject->text_end - from) / 8 + (int64_t)length);
  const char *found = length == 0
                          ? from
                          : memmem(from, (size_t)(subject->text_end - from), subject->pattern, length);
  if (!found) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, found - subject->text + 1);
  lua_pushinteger(L, found - subject->text + (lua_Integer)length);
  return 2;
}

/* Whether no byte of the pattern means anything but itself. */
static int is_plain(const sw_subject *subject) {
  for (const char *p = subject->pattern; p < subject->pattern_end; p++)
    if (*p && strchr("^$*+?.([%-", *p)) return 0;
  return 1;
}

static int search(lua_State *L, int is_find) {
  sw_subject subject;
  subject_of(L, 1, 2, &subject);
  const char *from = start_of(L, 3, &subject);
  if (!from) {
    lua_pushnil(L);
    return 1;
  }
  if (is_find && (lua_toboolean(L, 4) || is_plain(&subject))) return find_plain(L, &subject, from);
  sw_match found;
  if (!sw_find(L, &subject, from, &found)) {
    lua_pushnil(L);
    return 1;
  }
  if (!is_find) return push_captures(L, &subject, &found, 1);
  lua_pushinteger(L, found.start - subject.text + 1);
  lua_pushinteger(L, found.end - subject.text);
  return 2 + push_captures(L, &subject, &found, 0);
}

int sw_string_find(lua_State *L) { return search(L, 1); }
int sw_string_match(lua_State *L) { return search(L, 0); }

/* ---- gmatch --------------------------------------------------------------------------------------- */

/* Upvalues: 1 the text, 2 the pattern, 3 where to go on, 4 where the last match ended (0: none yet). */
static int gmatch_step(lua_State *L) {
  sw_subject subject;
  subject_of(L, lua_upvalueindex(1), lua_upvalueindex(2), &subject);
  subject.may_anchor = 0;
  const char *from = subject.text + lua_tointeger(L, lua_upvalueindex(3));
  lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
  sw_match found;
  while (from <= subject.text_end && sw_find(L, &subject, from, &found)) {
    lua_Integer end = found.end - subject.text;
    if (end + 1 == last) {
      /* The empty match right behind the last one is no match. */
      from = found.start + 1;
      continue;
    }
    lua_pushinteger(L, end);
    lua_replace(L, lua_upvalueindex(3));
    lua_pushinteger(L, end + 1);
    lua_replace(L, lua_upvalueindex(4));
    return push_captures(L, &subject, &found, 1);
  }
  return 0;
}

int sw_is_gmatch(lua_State *L, int index) { return lua_tocfunction(L, index) == gmatch_step; }

int sw_string_gmatch(lua_State *L) {
  sw_subject subject;
  subject_of(L, 1, 2, &subject);
  const char *from = start_of(L, 3, &subject);
  lua_settop(L, 2);
  lua_pushinteger(L, from ? from - subject.text : subject.text_end - subject.text + 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, gmatch_step, 4);
  return 1;
}

/* ---- gsub ----------------------------------------------------------------------------------------- */

static void charge_text(lua_State *L, size_t length, int64_t *made) {
  *made += (int64_t)length;
  sw_charge_bytes(L, *made);
  sw_charge(L, (int64_t)length / 16);
}

static void add(lua_State *L, luaL_Buffer *buffer, const char *text, size_t length, int64_t *made) {
  charge_text(L, length, made);
  luaL_addlstring(buffer, text, length);
}

/* The value on the top of the stack, which goes. */
static void add_top(lua_State *L, luaL_Buffer *buffer, int64_t *made) {
  size_t length;
  luaL_tolstring(L, -1, &length);
  lua_replace(L, -2);
  charge_text(L, length, made);
  luaL_addvalue(buffer);
}

/* A replacement text: `%0` to `%9` are captures, `%%` a percent sign. */
static void add_template(lua_State *L, luaL_Buffer *buffer, const sw_subject *subject,
                         const sw_match *found, int64_t *made) {
  size_t length;
  const char *text = lua_tolstring(L, 3, &length);
  for (const char *at = text, *end = text + length; at < end; at++) {
    if (*at != '%') {
      add(L, buffer, at, 1, made);
      continue;
    }
    at++;
    if (at < end && *at == '%') {
      add(L, buffer, at, 1, made);
    } else if (at < end && *at == '0') {
      add(L, buffer, found->start, (size_t)(found->end - found->start), made);
    } else if (at < end && *at >= '1' && *at <= '9') {
      push_capture(L, subject, found, *at - '1');
      add_top(L, buffer, made);
    } else {
      luaL_error(L, "invalid use of '%%' in replacement string");
    }
  }
}

/* What a function or a table says instead of the match; nothing or false keeps it. */
static void add_value(lua_State *L, luaL_Buffer *buffer, const sw_subject *subject,
                      const sw_match *found, int64_t *made) {
  if (lua_type(L, 3) == LUA_TFUNCTION) {
    lua_pushvalue(L, 3);
    int count = push_captures(L, subject, found, 1);
    lua_call(L, count, 1);
  } else {
    push_capture(L, subject, found, 0);
    lua_gettable(L, 3);
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    add(L, buffer, found->start, (size_t)(found->end - found->start), made);
    return;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  add_top(L, buffer, made);
}

int sw_string_gsub(lua_State *L) {
  sw_subject subject;
  subject_of(L, 1, 2, &subject);
  int type = lua_type(L, 3);
  if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TFUNCTION && type != LUA_TTABLE)
    luaL_typeerror(L, 3, "string/function/table");
  lua_Integer most = luaL_optinteger(L, 4, subject.text_end - subject.text + 1);
  lua_settop(L, 4);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  int is_template = type == LUA_TNUMBER || type == LUA_TSTRING;
  int is_anchored = subject.pattern < subject.pattern_end && *subject.pattern == '^';
  int64_t made = 0;
  lua_Integer times = 0;
  const char *from = subject.text, *last = NULL;
  sw_match found;
  while (times < most && from <= subject.text_end && sw_find(L, &subject, from, &found)) {
    if (found.end == last) {
      /* The empty match right behind the last one is no match: one byte goes on as it is. */
      if (from >= subject.text_end) break;
      add(L, &buffer, from, 1, &made);
      from++;
      continue;
    }
    add(L, &buffer, from, (size_t)(found.start - from), &made);
    times++;
    if (is_template) {
      add_template(L, &buffer, &subject, &found, &made);
    } else {
      add_value(L, &buffer, &subject, &found, &made);
    }
    from = last = found.end;
    if (is_anchored) break;
  }
  add(L, &buffer, from, from <= subject.text_end ? (size_t)(subject.text_end - from) : 0, &made);
  luaL_pushresult(&buffer);
  lua_pushinteger(L, times);
  return 2;
}
