#ifndef SPERRWERK_ALLOCATIONS_H
#define SPERRWERK_ALLOCATIONS_H

/* How often the calling thread has asked for memory so far. */
long thread_allocations(void);

#endif
