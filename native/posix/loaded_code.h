#ifndef SIGKIT_POSIX_LOADED_CODE_H_
#define SIGKIT_POSIX_LOADED_CODE_H_

#include <elf.h>
#include <link.h>

#include <cstdint>

#include "posix/dwarf_reader.h"

namespace sigkit {

// The object of which an address of code is a part: the program, a library. Not async-signal-safe, as all here: the
// loader has a lock.
struct LoadedCode {
  uintptr_t base = 0;                     // what its own addresses are relative to
  const char* name = nullptr;             // of its file; empty: the program's
  const uint8_t* unwind_index = nullptr;  // its PT_GNU_EH_FRAME; null: none
  Extent unwind_tables = {};              // the segment of that, which has .eh_frame as well
  const Elf64_Dyn* dynamic = nullptr;     // what it is linked by; null: nothing
};

// False for what is in none: code that JavaScript has been compiled to.
bool FindLoadedCode(uintptr_t address, LoadedCode* code);

// Meanwhile nothing is unloaded: what has been found may be read. (musl unloads nothing ever.)
template <typename Action>
void WhileLoaded(Action action) {
  const auto run = [](dl_phdr_info*, size_t, void* argument) {
    (*static_cast<Action*>(argument))();
    return 1;
  };
  dl_iterate_phdr(run, &action);
}

}  // namespace sigkit

#endif  // SIGKIT_POSIX_LOADED_CODE_H_
