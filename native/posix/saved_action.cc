#include "posix/saved_action.h"

namespace sigkit {

int SavedAction::Save(int signo) {
  const int read = ReadAction(signo, &kernel_);
  has_libcs_ = read == 0 && sigaction(signo, nullptr, &libcs_) == 0;
  return read;
}

int SavedAction::PutBack(int signo) const {
  if (has_libcs_) sigaction(signo, &libcs_, nullptr);
  return ChangeAction(signo, kernel_, nullptr);
}

}  // namespace sigkit
