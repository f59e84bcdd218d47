#ifndef SIGKIT_POSIX_POINTERS_H_
#define SIGKIT_POSIX_POINTERS_H_

#include <string>
#include <vector>

namespace sigkit {

// As execve(2) takes texts: non-const, though it changes nothing, with a null at the end. They last as long as the
// texts.
inline std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace sigkit

#endif  // SIGKIT_POSIX_POINTERS_H_
