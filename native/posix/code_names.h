#ifndef SIGKIT_POSIX_CODE_NAMES_H_
#define SIGKIT_POSIX_CODE_NAMES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace sigkit {

struct NativeFrame {
  std::string function;  // empty: no table names it
  std::string file;
  uintptr_t offset = 0;  // as addr2line takes it
};

// Before: asks the loader, which has to wait while a library is being loaded.
void PrepareNames();

// What addresses of code are called, that of the innermost call first: by the symbols that are there to be linked with;
// in the program also by those for debuggers, if it has not been stripped.
std::vector<NativeFrame> NameFrames(const std::vector<uintptr_t>& addresses);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CODE_NAMES_H_
