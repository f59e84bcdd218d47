#ifndef SIGKIT_HUB_SENDER_TEXT_H_
#define SIGKIT_HUB_SENDER_TEXT_H_

#include <array>

#include "posix/signal_record.h"

namespace sigkit {

// A signal and who has sent it: `SIGTERM from pid 17 (uid 0)`, `SIGINT from the kernel`. Allocates nothing.
class SenderText {
 public:
  explicit SenderText(const SignalRecord& record);
  const char* c_str() const { return text_.data(); }

 private:
  std::array<char, 64> text_ = {};
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_SENDER_TEXT_H_
