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

int sw_constructors_function(lua_State *L);
int sw_open_sandbox(lua_State *L);
void sw_push_environment(lua_State *L);
int sw_freeze_function(lua_State *L);
int sw_keys_function(lua_State *L);

#endif
