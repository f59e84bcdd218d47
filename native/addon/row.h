#ifndef SIGKIT_ADDON_ROW_H_
#define SIGKIT_ADDON_ROW_H_

#include <node_api.h>

#include <cstdint>
#include <string_view>

#include "hub/javascript_thread.h"
#include "posix/clock.h"

namespace sigkit {

// An array of JavaScript, whose elements are added one by one.
class Row {
 public:
  explicit Row(napi_env env) : env_(env) { napi_create_array(env, &value_); }
  napi_value value() const { return value_; }
  void Add(napi_value element) { napi_set_element(env_, value_, length_++, element); }
  void Add(double number);
  void Add(std::string_view text);
  void AddMs(Time time);

 private:
  napi_env env_;
  napi_value value_ = nullptr;
  uint32_t length_ = 0;
};

// [id, name, tid, activity, blocked for ms, frames, the number of its system call or a negative one, its name, where it
// waits in the kernel, and of each native frame its function, file and offset]: lib/diagnostics/stack-row.ts makes an
// object of it.
napi_value ToRow(napi_env env, const ThreadStack& stack);

}  // namespace sigkit

#endif  // SIGKIT_ADDON_ROW_H_
