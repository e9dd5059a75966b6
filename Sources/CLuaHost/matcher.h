#ifndef SPERRWERK_MATCHER_H
#define SPERRWERK_MATCHER_H

#include "sandbox.h"

#define SW_CAPTURES 32
/* Instead of a capture's length. */
#define SW_OPEN (-1)
#define SW_POSITION (-2)

typedef struct sw_capture {
  const char *start;
  ptrdiff_t length;
} sw_capture;

typedef struct sw_match {
  const char *start, *end;
  int count;
  sw_capture captures[SW_CAPTURES];
} sw_match;

typedef struct sw_subject {
  const char *text, *text_end, *pattern, *pattern_end;
  int may_anchor; /* gmatch takes `^` for itself */
} sw_subject;

/* Looks for the pattern from `from` on: 1 and `found`, or 0. Charges each step; raises where the budget is
 * used up or the pattern is malformed. */
int sw_find(lua_State *L, const sw_subject *subject, const char *from, sw_match *found);

/* string.find, string.match, string.gmatch and string.gsub over it. */
int sw_string_find(lua_State *L);
int sw_string_match(lua_State *L);
int sw_string_gmatch(lua_State *L);
int sw_string_gsub(lua_State *L);

/* Whether it is what gmatch gave: a function that goes on where it stopped. */
int sw_is_gmatch(lua_State *L, int index);

#endif
