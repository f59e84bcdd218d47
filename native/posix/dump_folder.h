#ifndef SIGKIT_POSIX_DUMP_FOLDER_H_
#define SIGKIT_POSIX_DUMP_FOLDER_H_

#include <time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "posix/owned_fd.h"

namespace sigkit {

// A folder for dumps, kept open: what is written goes there, wherever its name leads by then. lib/diagnostics/files.ts,
// which has checked it, writes there, too, by the same rules.
class DumpFolder {
 public:
  struct Limits {
    uint64_t bytes = 0;
    uint64_t files = 0;
  };

  // A copy of this descriptor. 0 or a negative errno.
  int Open(int folder, std::string path, Limits limits);
  void Close() { directory_.Reset(); }
  bool is_open() const { return directory_.get() >= 0; }
  const std::string& path() const { return path_; }

  // Writes a new file, `PID-UTC-kind`, whose name begins with a dot until it is whole. Sets the name. Returns 0 or a
  // negative errno, -EDQUOT at the limits. For a thread that blocks SIGXFSZ.
  int Write(const char* kind, std::string_view text, std::string* name);

 private:
  struct OldDump {
    std::string name;
    uint64_t bytes;
    time_t changed;
  };
  struct Room {
    uint64_t bytes;
    uint64_t files;
    void Add(uint64_t more) {
      bytes += more;
      ++files;
    }
    bool IsWithin(Limits limits) const { return bytes <= limits.bytes && files <= limits.files; }
  };

  int MakeRoom(size_t size) const;
  void RemoveOld(std::vector<OldDump> old, Room all) const;
  int WriteOnce(const std::string& name, std::string_view text) const;
  int WriteAs(const char* temporary, std::string_view text) const;
  int Publish(const char* temporary, const char* name) const;

  std::string path_;
  Limits limits_;
  OwnedFd directory_;
};

// `20261130T171413.123Z`
std::string UtcNow();

}  // namespace sigkit

#endif  // SIGKIT_POSIX_DUMP_FOLDER_H_
