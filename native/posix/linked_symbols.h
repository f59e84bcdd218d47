#ifndef SIGKIT_POSIX_LINKED_SYMBOLS_H_
#define SIGKIT_POSIX_LINKED_SYMBOLS_H_

#include "posix/loaded_code.h"

namespace sigkit {

// The name of the function at that address, by the symbols that a loaded object is linked with; null: none. Not by
// dladdr(3): that waits until a library that is being loaded has been, which may be what a thread hangs in.
const char* FindLinkedSymbol(const LoadedCode& code, uintptr_t address);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_LINKED_SYMBOLS_H_
