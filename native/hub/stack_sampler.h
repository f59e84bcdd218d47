#ifndef SIGKIT_HUB_STACK_SAMPLER_H_
#define SIGKIT_HUB_STACK_SAMPLER_H_

#include <cstdint>
#include <map>
#include <string>

#include "hub/diagnostic_request.h"
#include "posix/clock.h"

namespace sigkit {

// In place of a CPU profile of an event loop that hangs: how often each thread of JavaScript has been found where.
class StackSampler {
 public:
  void Begin(DiagnosticRequest request);
  bool is_open() const { return end_ != 0; }
  // When the next look is due.
  Time next_time() const { return is_open() ? next_ : kNever; }
  void Look();
  bool IsOver() const { return next_ > end_; }
  // What has been found, as JSON, and for whom.
  std::string End(DiagnosticRequest* request);

 private:
  DiagnosticRequest request_;
  Time end_ = 0;
  Time next_ = 0;
  uint32_t looks_ = 0;
  // By the name of the thread and its frames, a line each.
  std::map<std::string, uint32_t> found_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_STACK_SAMPLER_H_
