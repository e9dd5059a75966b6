#ifndef SPERRWERK_SANDBOX_H
#define SPERRWERK_SANDBOX_H

#include "lua_host.h"

/* What belongs to one Lua state; its address stands in the state's extra space. */
typedef struct sw_host {
  lua_State *state;
  void *context;
  sw_read_field read;
  sw_unknown_name unknown;
  int64_t memory, memory_cap;
  sw_limits left;
  const char *exhausted; /* what ran out */
  int running;           /* a script runs, so that its allocations count */
} sw_host;

/* Takes steps off the budget, or raises. */
void sw_charge(lua_State *L, int64_t steps);
/* Raises where so many bytes may not be made; the allocator counts them when they are. */
void sw_charge_bytes(lua_State *L, int64_t bytes);

typedef struct sw_names {
  const char *const *names;
  int count;
} sw_names;

/* What sorting so many values costs. */
lua_Integer sw_steps_of_sort(lua_Integer n);
/* Sorts t[1..n] by the function at `less`; 0 is by `<`, -1 by the order of keys. */
void sw_heap_sort(lua_State *L, int t, int less, lua_Integer n);
/* Takes the table at the top as the one behind the metatable below it. */
void sw_mark_real(lua_State *L);
/* Raises where the value at `index` has no place in an order that is the same in every run. */
void sw_check_key(lua_State *L, int index);
/* Whether it is a C function that goes on where it stopped. */
int sw_is_iterator(lua_State *L, int index);
int sw_pairs(lua_State *L);
int sw_next(lua_State *L);
int sw_constructors_function(lua_State *L);
/* Makes what a chunk returned free of state; sw_put_back is due after each call. */
int sw_make_stateless(lua_State *L);
void sw_put_back(lua_State *L, int index);
int sw_open_sandbox(lua_State *L);
void sw_push_environment(lua_State *L);
int sw_freeze_function(lua_State *L);
int sw_keys_function(lua_State *L);

#endif
