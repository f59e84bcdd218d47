#include "posix/spare_descriptors.h"

#include <sys/eventfd.h>

namespace sigkit {

void SpareDescriptors::Fill() {
  for (OwnedFd& descriptor : descriptors_) {
    if (!descriptor.IsStillOurs()) descriptor.Reset(UniqueFd(eventfd(0, EFD_CLOEXEC)));
  }
}

void SpareDescriptors::Release() {
  for (OwnedFd& descriptor : descriptors_) descriptor.Reset();
}

}  // namespace sigkit
