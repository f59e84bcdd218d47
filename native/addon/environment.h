#ifndef SIGKIT_ADDON_ENVIRONMENT_H_
#define SIGKIT_ADDON_ENVIRONMENT_H_

#include <napi.h>
#include <uv.h>

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "addon/loop_poll.h"
#include "addon/loop_pulse.h"
#include "addon/process_table.h"
#include "addon/signal_watchers.h"
#include "hub/hub.h"
#include "hub/stall_monitor.h"

namespace sigkit {

// One environment's end of the hub: its wake-up into JavaScript, and the memory shared with it. It lives until the
// environment is torn down and both handles have closed; napi_threadsafe_function would be the shorter way, but aborts
// when a Worker ends with a call in flight (nodejs/node#65100).
class Environment : public Session {
 public:
  static constexpr size_t kBatch = 256;
  static constexpr size_t kExchangeWords = 64;

  // Null when the environment is being torn down already.
  static Environment* Open(Napi::Env env, Napi::Function on_wake, bool is_main);

  void Wake() override { uv_async_send(&wake_); }
  int Watch(int signo) override;
  uint32_t Unwatch(int signo) override;
  void KeepAlive(bool on);
  // How many others watch the signal on this loop, and one of them told of it.
  size_t FindWatchers(int signo);
  void TellWatcher(int signo, size_t index);
  ClaimResult Claim(const ClaimOptions& options);
  void Close(uint32_t id);
  void Free(uint32_t id);
  // 0, or a negative errno and at which step.
  int OpenGuard(Guard::Options options, ClaimStep* step);
  void CloseGuard();
  // What it asks is answered by this environment's loop.
  int OpenWatchdog(Watchdog::Options options, ClaimStep* step);
  void CloseWatchdog();
  // 0 or a negative errno. It ends with this environment at the latest.
  int OpenDiagnostics(Diagnostics::Options&& options);
  void CloseDiagnostics();
  // The number of a listener, or a negative errno. It ends with this environment at the latest.
  int OpenStallListener(StallListener::Options options);
  void CloseStallListener(uint32_t id);
  // Both return 0 or a negative errno. After the first, the second needs no descriptor any more.
  int PrepareProcesses();
  // JavaScript is woken when the process of a pidfd in processes() exits.
  int WatchProcess(int pidfd);
  // Processes that JavaScript has stopped for a moment: they are continued if it ends in that moment.
  void SetStopped(std::vector<pid_t> pids) { stopped_ = std::move(pids); }
  // Whether JavaScript is woken by SIGCHLD.
  void WatchChildren(bool on);

  ProcessTable& processes() { return processes_; }
  Napi::Value exchange_buffer() const { return exchange_buffer_.Value(); }
  Napi::Value batch_buffer() const { return batch_buffer_.Value(); }
  uint32_t* exchange() { return exchange_; }
  SignalRecord* batch() { return batch_; }

 private:
  Environment(Napi::Env env, bool is_main) : env_(env), is_main_(is_main) {}

  bool OpenHandles(Napi::Function on_wake);
  bool CreateBuffers();
  // What JavaScript is woken for (lib/base/native.ts has the same numbers).
  enum class Wakeup { kSignals = 0, kExits = 1, kChildren = 2, kStalls = 3 };
  // With how many words of the exchange say what is ready.
  void CallBack(Wakeup wakeup);
  int OpenLoop();
  void CloseUnwantedLoop();
  void TakeByLoop();
  void EndClaim(uint32_t id);
  void BeginClose();
  void CloseHandles();
  static void OnHandleClosed(uv_handle_t* handle);
  static void OnHeard(uv_signal_t* handle, int signo);

  Napi::Env env_;
  const bool is_main_;
  uv_async_t wake_ = {};
  uv_signal_t child_watch_ = {};
  // One for each claimed signal: hub/catchers.h.
  std::array<LoopHandle<uv_signal_t>, kSignalCount + 1> watches_;
  SignalWatchers watchers_;
  std::vector<pid_t> stopped_;
  LoopPoll loop_poll_;
  LoopPulse loop_pulse_;
  bool guards_ = false;
  bool diagnoses_ = false;
  std::vector<uint32_t> stall_listeners_;
  LoopHandle<uv_async_t> stall_news_;
  LoopHandle<uv_async_t> question_;
  ProcessTable processes_;
  Napi::FunctionReference on_wake_;
  Napi::Reference<Napi::ArrayBuffer> exchange_buffer_;
  Napi::Reference<Napi::ArrayBuffer> batch_buffer_;
  uint32_t* exchange_ = nullptr;
  SignalRecord* batch_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  int open_handles_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_ADDON_ENVIRONMENT_H_
