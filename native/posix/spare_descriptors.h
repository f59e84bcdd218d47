#ifndef SIGKIT_POSIX_SPARE_DESCRIPTORS_H_
#define SIGKIT_POSIX_SPARE_DESCRIPTORS_H_

#include <array>

#include "posix/owned_fd.h"

namespace sigkit {

// A process that has run out of descriptors is one that somebody wants to look into, and that takes some.
class SpareDescriptors {
 public:
  // As many as there are.
  void Fill();
  void Release();

 private:
  std::array<OwnedFd, 4> descriptors_;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SPARE_DESCRIPTORS_H_
