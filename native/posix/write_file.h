#ifndef SIGKIT_POSIX_WRITE_FILE_H_
#define SIGKIT_POSIX_WRITE_FILE_H_

#include <string_view>

namespace sigkit {

// 0 or a negative errno. For threads that block SIGXFSZ: none of it stays behind.
int WriteAll(int file, std::string_view text);

// To the end of a file, which is made if it is not there. Follows no link, and does not wait for the reader of a FIFO.
// 0 or a negative errno. For threads that block SIGXFSZ and SIGPIPE.
int AppendToFile(const char* path, std::string_view text);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_WRITE_FILE_H_
