// Those of libc++ keep a list of who replaces them, whose two ends the addon would show.
#include <cstdlib>
#include <new>

namespace std {
const nothrow_t nothrow{};  // NOLINT(cert-dcl58-cpp)
}

void* operator new(size_t size, const std::nothrow_t& /*tag*/) noexcept { return malloc(size); }
void* operator new[](size_t size, const std::nothrow_t& tag) noexcept { return operator new(size, tag); }

// Where nothing is thrown, the end.
void* operator new(size_t size) {
  void* memory = operator new(size, std::nothrow);
  if (memory == nullptr) abort();
  return memory;
}
void* operator new[](size_t size) { return operator new(size); }

void operator delete(void* memory) noexcept { free(memory); }
void operator delete(void* memory, size_t /*size*/) noexcept { free(memory); }
void operator delete[](void* memory) noexcept { free(memory); }
void operator delete[](void* memory, size_t /*size*/) noexcept { free(memory); }
