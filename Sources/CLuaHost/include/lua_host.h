#ifndef SPERRWERK_LUA_HOST_H
#define SPERRWERK_LUA_HOST_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

/* The little that only C may do for the embedded Lua: count the budget, call Swift, and raise.
 * A Lua error is a longjmp, and none may cross a Swift frame: whatever can raise runs here, under
 * lua_pcall, and Swift learns of it by a result. */

/* What a view's field is asked for. Swift pushes one value and returns 1, or pushes a message and
 * returns -1. Strings are pushed by sw_push_text only. */
typedef int (*sw_read_field)(void *context, lua_State *state, int view, int field);
/* Swift pushes the message about a name that does not exist. */
typedef void (*sw_unknown_name)(void *context, lua_State *state, int view, const char *name,
                                size_t length);

typedef struct sw_limits {
  int64_t instructions; /* virtual machine instructions, and what the library's loops cost */
  int64_t bytes;        /* bytes allocated in all */
  int64_t memory;       /* bytes held at one time */
} sw_limits;

/* An empty state with the sandbox's environment; NULL without memory. */
lua_State *sw_open(void *context, sw_read_field read, sw_unknown_name unknown);
void sw_set_context(lua_State *state, void *context);
void sw_close(lua_State *state);

/* What messages have in the place of the file's name. */
#define SW_CHUNK "policy"

/* Loads a text chunk and runs it; its one result is on the stack at 0, a message at 1. From then on
 * the functions of the result keep no state from call to call. */
int sw_load(lua_State *state, const char *source, size_t length, const sw_limits *limits);

/* Makes a view: a userdata whose fields Swift reads. `names` are the fields' names in the order of
 * their numbers. Returns a reference, or -1. */
int sw_make_view(lua_State *state, int view, const char *const *names, int count);

/* Calls the function of a reference with values that are given by reference (LUA_NOREF is nil).
 * 0: one result is on the stack; 1: a message is. */
int sw_call(lua_State *state, int function, const int *arguments, int count,
            const sw_limits *limits);

/* Installs the global `sperrwerk` with one constructor a name: sperrwerk.suspend { … } gives
 * { "suspend", { … }, line }. Returns -1 without memory. */
int sw_install_constructors(lua_State *state, const char *const *names, int count);

void sw_push_text(lua_State *state, const char *text, size_t length);
/* References what is on the top of the stack, and takes it off; -1 without memory. */
int sw_reference(lua_State *state);
void sw_push_reference(lua_State *state, int reference);
/* The line a function of the stack was defined on, or 0. */
int sw_function_line(lua_State *state, int index);
/* Puts a read-only form of the table at the top in its place. 0, or -1 without memory. */
int sw_freeze(lua_State *state);
/* Puts the table behind a read-only one in its place on the stack. */
void sw_unfreeze(lua_State *state, int index);
/* The keys of the table at `index` in order, as a sequence on the top, and 0; or -1 and a message. */
int sw_sorted_keys(lua_State *state, int index);

#endif
