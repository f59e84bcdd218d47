#ifndef SIGKIT_ADDON_LOOP_HANDLE_H_
#define SIGKIT_ADDON_LOOP_HANDLE_H_

#include <uv.h>

#include <memory>
#include <utility>

namespace sigkit {

// A handle of libuv that may be closed while its environment lives on: from the start of its close it belongs to libuv.
// What keeps the loop alive is others' choice, so it never does.
template <typename Handle>
class LoopHandle {
 public:
  LoopHandle() = default;
  LoopHandle(const LoopHandle&) = delete;
  LoopHandle& operator=(const LoopHandle&) = delete;

  // `init` is what libuv's own init function does; its error is returned, and the handle is then not open.
  template <typename Init>
  int Open(Init init) {
    auto handle = std::make_unique<Handle>();
    const int error = init(handle.get());
    if (error != 0) return error;
    handle_ = handle.release();
    uv_unref(reinterpret_cast<uv_handle_t*>(handle_));
    return 0;
  }
  void Close() {
    const auto free = [](uv_handle_t* closed) {
      const std::unique_ptr<Handle> owner(reinterpret_cast<Handle*>(closed));
    };
    if (handle_ != nullptr) uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(handle_, nullptr)), free);
  }
  Handle* get() const { return handle_; }

 private:
  Handle* handle_ = nullptr;
};

}  // namespace sigkit

#endif  // SIGKIT_ADDON_LOOP_HANDLE_H_
