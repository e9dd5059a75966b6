#ifndef SPERRWERK_LUA_HOST_H
#define SPERRWERK_LUA_HOST_H
/* The little that only C may do for the embedded Lua: call Swift, count the budget, raise. */
#endif
