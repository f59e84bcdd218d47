#ifndef SIGKIT_HUB_STALL_LISTENER_H_
#define SIGKIT_HUB_STALL_LISTENER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "hub/stall.h"

namespace sigkit {

// Lines that are to be written without a lock: a disk may take its time.
struct StallReport {
  std::string file;
  std::string text;
};

// Who is told of stalls, and of which it has been told. Callers hold a lock.
class StallListener {
 public:
  struct Options {
    Time threshold = 0;
    Time interval = 0;  // from one stall of a thread to the next, at least
    bool says = false;  // on stderr
    std::string file;   // also there, unless empty
    pid_t thread = 0;   // its own
    // Something is there to take; on any thread.
    void (*wake)(void* target) = nullptr;
    void* target = nullptr;
  };

  StallListener(uint32_t id, Options options) : id_(id), options_(std::move(options)) {}

  uint32_t id() const { return id_; }
  Time threshold() const { return options_.threshold; }

  // Whether this turn is one that it has not heard of yet. `Begin` says whether it may now: else it is counted.
  bool IsNew(pid_t tid, uint64_t turn);
  bool Begin(pid_t tid, uint64_t turn, Time now);
  // Of a turn that has begun, with what is known by now. Who hangs itself is told of the end alone.
  void Tell(const Stall& stall, uint64_t turn, std::vector<StallReport>* reports);
  void Forget(pid_t tid) {
    std::erase_if(threads_, [tid](const Heard& heard) { return heard.tid == tid; });
  }

  std::vector<Stall> Take();

 private:
  struct Heard {
    pid_t tid = 0;
    uint64_t turn = 0;
    bool told = false;
    Time last = 0;
    uint32_t omitted = 0;
    uint32_t omitted_before = 0;
  };

  Heard* Find(pid_t tid);

  uint32_t id_;
  Options options_;
  std::vector<Heard> threads_;
  std::vector<Stall> news_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_STALL_LISTENER_H_
