#ifndef SIGKIT_INIT_MEMORY_H_
#define SIGKIT_INIT_MEMORY_H_

#include <cstdlib>
#include <memory>

namespace sigkit::init {

struct Free {
  void operator()(void* memory) const { free(memory); }
};

// Arrays by calloc(3): operator new would link C++ exceptions in. Empty when memory is out.
template <typename Element>
using Array = std::unique_ptr<Element[], Free>;

template <typename Element>
Array<Element> MakeArray(size_t count) {
  return Array<Element>(static_cast<Element*>(calloc(count, sizeof(Element))));
}

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_MEMORY_H_
