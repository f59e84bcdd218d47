#ifndef SIGKIT_POSIX_SEEN_RECORD_H_
#define SIGKIT_POSIX_SEEN_RECORD_H_

#include <cstdint>
#include <string_view>

#include "posix/owned_fd.h"

namespace sigkit {

// What this process tells of itself to whoever may look into its /proc/PID/fd: a file in memory of a fixed size, by
// its name. Three lines: a number, the text with blanks after it, the same number. Who reads from the front to the end
// and finds two different numbers has read while it was being written, and reads again.
class SeenRecord {
 public:
  static constexpr size_t kSize = 8192;

  // 0 or a negative errno.
  int Open(const char* name);
  void Close() { file_.Reset(); }
  // Of one thread at a time. What does not fit is not written, and false returned.
  bool Write(std::string_view text);

 private:
  OwnedFd file_;
  uint32_t count_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SEEN_RECORD_H_
