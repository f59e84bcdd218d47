#ifndef SIGKIT_HUB_LOOP_SAMPLER_H_
#define SIGKIT_HUB_LOOP_SAMPLER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hub/diagnostic_request.h"
#include "posix/clock.h"

namespace sigkit {

// In place of a CPU profile of an event loop that hangs: how often each thread of JavaScript has been found where.
class LoopSampler {
 public:
  void Begin(std::unique_ptr<DiagnosticRequest> request);
  bool is_open() const { return end_ != 0; }
  // When the next look is due.
  Time next_time() const { return is_open() ? next_ : kNever; }
  void Look();
  bool IsOver() const { return next_ > end_; }
  // What has been found, as JSON.
  std::string Text() const;
  // For whom it was.
  std::unique_ptr<DiagnosticRequest> End();

 private:
  struct Found {
    uint32_t count = 0;
    // The name of the thread and its frames, a line each.
    std::string text;
  };
  void Count(std::string text);

  std::unique_ptr<DiagnosticRequest> request_;
  Time end_ = 0;
  Time next_ = 0;
  uint32_t looks_ = 0;
  std::vector<Found> found_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_LOOP_SAMPLER_H_
