#include "matcher.h"

#include <lauxlib.h>
#include <string.h>

/* Lua's patterns (reference manual, 6.4.1) by a matcher that counts: the stock one runs for minutes on
 * `(".-"):rep(4) .. "b"`, and no instruction hook sees it. Bytes are classed by ASCII, whatever the locale. */

/* Frames of the C stack; a pattern item that must be tried again takes one. */
#define DEEPEST 180

typedef struct matcher {
  lua_State *L;
  const char *text, *text_end, *pattern_end;
  int depth;
  int64_t steps; /* not yet charged */
  sw_match *found;
} matcher;

static void count(matcher *m, int64_t steps) {
  m->steps += steps;
  if (m->steps < 64) return;
  sw_charge(m->L, m->steps);
  m->steps = 0;
}

/* ---- one byte against one item ---------------------------------------------------------------- */

static int in_range(int c, int low, int high) { return low <= c && c <= high; }
static int is_letter(int c) { return in_range(c | 32, 'a', 'z'); }
static int is_digit(int c) { return in_range(c, '0', '9'); }
static int is_graph(int c) { return in_range(c, 33, 126); }

/* Whether the byte is of the class that a letter names; an upper-case letter names what is not. */
static int of_class(int c, int name) {
  int is;
  switch (name | 32) {
    case 'a': is = is_letter(c); break;
    case 'c': is = c < 32 || c == 127; break;
    case 'd': is = is_digit(c); break;
    case 'g': is = is_graph(c); break;
    case 'l': is = in_range(c, 'a', 'z'); break;
    case 'p': is = is_graph(c) && !is_letter(c) && !is_digit(c); break;
    case 's': is = c == ' ' || in_range(c, 9, 13); break;
    case 'u': is = in_range(c, 'A', 'Z'); break;
    case 'w': is = is_letter(c) || is_digit(c); break;
    case 'x': is = is_digit(c) || in_range(c | 32, 'a', 'f'); break;
    default: return c == name;
  }
  return in_range(name, 'A', 'Z') ? !is : is;
}

static int byte_at(const char *p) { return (unsigned char)*p; }

/* Behind the single item that begins at `p`: `a`, `.`, `%d`, `[…]`. */
static const char *item_end(matcher *m, const char *p) {
  if (*p == '%') {
    if (p + 1 >= m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
    return p + 2;
  }
  if (*p != '[') return p + 1;
  const char *q = p + 1;
  if (q < m->pattern_end && *q == '^') q++;
  /* A bracket right at the start stands for itself. */
  for (int is_first = 1;; is_first = 0) {
    if (q >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
    if (*q == ']' && !is_first) {
      count(m, q - p);
      return q + 1;
    }
    if (*q == '%') {
      q++;
      if (q >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
    }
    q++;
  }
}

static int in_set(matcher *m, int c, const char *p, const char *closing) {
  int is = 1;
  count(m, (closing - p) / 4);
  p++;
  if (*p == '^') {
    is = 0;
    p++;
  }
  while (p < closing) {
    if (*p == '%') {
      if (of_class(c, byte_at(p + 1))) return is;
      p += 2;
    } else if (p + 2 < closing && p[1] == '-') {
      if (in_range(c, byte_at(p), byte_at(p + 2))) return is;
      p += 3;
    } else {
      if (c == byte_at(p)) return is;
      p++;
    }
  }
  return !is;
}

static int fits(matcher *m, const char *s, const char *p, const char *end) {
  count(m, 1);
  if (s >= m->text_end) return 0;
  switch (*p) {
    case '.': return 1;
    case '%': return of_class(byte_at(s), byte_at(p + 1));
    case '[': return in_set(m, byte_at(s), p, end - 1);
    default: return *s == *p;
  }
}

/* ---- sequences ---------------------------------------------------------------------------------- */

static const char *go(matcher *m, const char *s, const char *p);

/* As many as there are, then one less each time. */
static const char *greedy(matcher *m, const char *s, const char *p, const char *end) {
  ptrdiff_t most = 0;
  while (fits(m, s + most, p, end)) most++;
  for (; most >= 0; most--) {
    const char *result = go(m, s + most, end + 1);
    if (result) return result;
    count(m, 1);
  }
  return NULL;
}

/* As few as will do. */
static const char *lazy(matcher *m, const char *s, const char *p, const char *end) {
  for (;; s++) {
    const char *result = go(m, s, end + 1);
    if (result) return result;
    if (!fits(m, s, p, end)) return NULL;
  }
}

/* `%bxy`: from x to the y that balances it. */
static const char *balanced(matcher *m, const char *s, const char *p) {
  if (p + 1 >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
  if (s >= m->text_end || *s != p[0]) return NULL;
  int open = 1;
  for (const char *at = s + 1; at < m->text_end; at++) {
    count(m, 1);
    if (*at == p[1]) {
      if (--open == 0) return at + 1;
    } else if (*at == p[0]) {
      open++;
    }
  }
  return NULL;
}

/* `%f[set]`: where the set begins to hold. */
static int at_frontier(matcher *m, const char *s, const char *p, const char *end) {
  int before = s == m->text ? 0 : byte_at(s - 1);
  int here = s < m->text_end ? byte_at(s) : 0;
  return !in_set(m, before, p, end - 1) && in_set(m, here, p, end - 1);
}

/* `%1`: what a capture found, once more. */
static const char *again(matcher *m, const char *s, int digit) {
  int number = digit - '1';
  if (number < 0 || number >= m->found->count || m->found->captures[number].length == SW_OPEN)
    luaL_error(m->L, "invalid capture index %%%d in the pattern", number + 1);
  const sw_capture *capture = &m->found->captures[number];
  ptrdiff_t length = capture->length;
  if (length == SW_POSITION) return NULL;
  count(m, length);
  if (m->text_end - s < length || memcmp(capture->start, s, (size_t)length) != 0) return NULL;
  return s + length;
}

static const char *open_capture(matcher *m, const char *s, const char *p) {
  sw_match *found = m->found;
  if (found->count == SW_CAPTURES) luaL_error(m->L, "too many captures");
  int is_position = p < m->pattern_end && *p == ')';
  found->captures[found->count].start = s;
  found->captures[found->count].length = is_position ? SW_POSITION : SW_OPEN;
  found->count++;
  const char *result = go(m, s, p + is_position);
  if (!result) found->count--;
  return result;
}

static const char *close_capture(matcher *m, const char *s, const char *p) {
  sw_match *found = m->found;
  int number = found->count - 1;
  while (number >= 0 && found->captures[number].length != SW_OPEN) number--;
  if (number < 0) luaL_error(m->L, "invalid pattern capture");
  found->captures[number].length = s - found->captures[number].start;
  const char *result = go(m, s, p);
  if (!result) found->captures[number].length = SW_OPEN;
  return result;
}

/* What begins with `%` and is no class; 0 where it is a class, 1 where `s` and `p` moved on, -1 where it
 * does not match. */
static int special(matcher *m, const char **s, const char **p) {
  if (*p + 1 >= m->pattern_end) return 0;
  int name = byte_at(*p + 1);
  if (name == 'b') {
    const char *end = balanced(m, *s, *p + 2);
    if (!end) return -1;
    *s = end;
    *p += 4;
    return 1;
  }
  if (name == 'f') {
    const char *set = *p + 2;
    if (set >= m->pattern_end || *set != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
    const char *end = item_end(m, set);
    if (!at_frontier(m, *s, set, end)) return -1;
    *p = end;
    return 1;
  }
  if (!is_digit(name)) return 0;
  const char *end = again(m, *s, name);
  if (!end) return -1;
  *s = end;
  *p += 2;
  return 1;
}

/* Matches the pattern from `p` on at `s`; what follows the match, or NULL. */
static const char *sequence(matcher *m, const char *s, const char *p) {
  while (p < m->pattern_end) {
    count(m, 1);
    if (*p == '(') return open_capture(m, s, p + 1);
    if (*p == ')') return close_capture(m, s, p + 1);
    if (*p == '$' && p + 1 == m->pattern_end) return s == m->text_end ? s : NULL;
    if (*p == '%') {
      int outcome = special(m, &s, &p);
      if (outcome < 0) return NULL;
      if (outcome > 0) continue;
    }
    const char *end = item_end(m, p);
    char suffix = end < m->pattern_end ? *end : 0;
    if (suffix == '*') return greedy(m, s, p, end);
    if (suffix == '+') return fits(m, s, p, end) ? greedy(m, s + 1, p, end) : NULL;
    if (suffix == '-') return lazy(m, s, p, end);
    if (suffix == '?') {
      if (fits(m, s, p, end)) {
        const char *result = go(m, s + 1, end + 1);
        if (result) return result;
      }
      p = end + 1;
      continue;
    }
    if (!fits(m, s, p, end)) return NULL;
    s++;
    p = end;
  }
  return s;
}

static const char *go(matcher *m, const char *s, const char *p) {
  if (++m->depth > DEEPEST) luaL_error(m->L, "pattern too complex");
  const char *result = sequence(m, s, p);
  m->depth--;
  return result;
}

int sw_find(lua_State *L, const sw_subject *subject, const char *from, sw_match *found) {
  const char *pattern = subject->pattern;
  matcher m = {L, subject->text, subject->text_end, subject->pattern_end, 0, 1, found};
  int is_anchored = pattern < subject->pattern_end && *pattern == '^' && subject->may_anchor;
  for (const char *s = from; s <= subject->text_end; s++) {
    found->count = 0;
    m.depth = 0;
    const char *end = go(&m, s, pattern + is_anchored);
    if (end) {
      found->start = s;
      found->end = end;
      sw_charge(L, m.steps);
      return 1;
    }
    if (is_anchored) break;
  }
  sw_charge(L, m.steps);
  return 0;
}
