// The standard library of the module tells nobody why it stops: it would print, and the module has no files. A host
// sees the trap and its stack.
#ifdef __wasm__

#include <__verbose_abort>

void std::__libcpp_verbose_abort(const char*, ...) { __builtin_trap(); }
extern "C" [[noreturn]] void abort_message(const char*, ...) { __builtin_trap(); }

#endif
