#ifndef SIGKIT_POSIX_REPLACE_H_
#define SIGKIT_POSIX_REPLACE_H_

#include <string>
#include <vector>

#include "posix/signal_set.h"

namespace sigkit {

// execve(2) of the whole process, with its environment, its standard descriptors and this thread's mask; `defaults` are
// reset. Comes back only when it fails, with a negative errno and everything as it was.
int ReplaceProcess(const std::string& file, const std::vector<std::string>& arguments, SignalSet defaults);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_REPLACE_H_
