#ifndef SIGKIT_POSIX_DIRECTORY_H_
#define SIGKIT_POSIX_DIRECTORY_H_

#include <dirent.h>

#include <memory>

namespace sigkit {

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

// Of opendir(3); null if that has failed.
using Directory = std::unique_ptr<DIR, CloseDirectory>;

}  // namespace sigkit

#endif  // SIGKIT_POSIX_DIRECTORY_H_
