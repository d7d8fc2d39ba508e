/* The frozen header itself against the layout that was written down: it is what the fixtures beside it are built
 * from, and stays as it was when 1.0 was frozen. */
#include "abi_1_0.h"

#define STRUCT(name, size) _Static_assert(sizeof(name) == (size), #name);
#define FIELD(type, name, offset, size)                                                    \
  _Static_assert(offsetof(type, name) == (offset), #type "." #name " has moved");          \
  _Static_assert(sizeof(((type*)0)->name) == (size), #type "." #name " has another size");
#define VALUE(name, value) _Static_assert((name) == (value), #name " has another value");
#include "layout_1_0.inc"

_Static_assert(IRONLAW_ABI_MAJOR == 1 && IRONLAW_ABI_MINOR == 0, "this is no header of 1.0");
