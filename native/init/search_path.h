#ifndef SIGKIT_INIT_SEARCH_PATH_H_
#define SIGKIT_INIT_SEARCH_PATH_H_

#include "init/memory.h"

namespace sigkit::init {

// What execvp(3) tries for a command, in this order, with a null at the end.
class Candidates {
 public:
  // False when memory is out.
  bool Find(const char* command);
  const char* const* list() const { return list_.get(); }

 private:
  Array<char> text_;
  Array<const char*> list_;
};

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_SEARCH_PATH_H_
