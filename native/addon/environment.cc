#include "addon/environment.h"

#include <array>
#include <cerrno>
#include <csignal>

#include "addon/standard_streams.h"
#include "hub/spawner.h"
#include "posix/send.h"
#include "posix/syscalls.h"

namespace sigkit {

Environment* Environment::Open(Napi::Env env, Napi::Function on_wake, bool is_main) {
  std::unique_ptr<Environment> environment(new Environment(env, is_main));
  if (!environment->CreateBuffers() || !environment->OpenHandles(on_wake)) return nullptr;
  // From here it belongs to its uv handles; OnHandleClosed takes it back.
  Environment* opened = environment.release();
  const auto on_cleanup = [](napi_async_cleanup_hook_handle, void* self) {
    static_cast<Environment*>(self)->BeginClose();
  };
  if (napi_add_async_cleanup_hook(env, on_cleanup, opened, &opened->hook_) != napi_ok) {
    opened->CloseHandles();
    return nullptr;
  }
  Hub::Get().Attach(opened, is_main);
  return opened;
}

bool Environment::CreateBuffers() {
  Napi::ArrayBuffer exchange = Napi::ArrayBuffer::New(env_, kExchangeWords * sizeof(uint32_t));
  Napi::ArrayBuffer batch = Napi::ArrayBuffer::New(env_, kBatch * sizeof(SignalRecord));
  if (exchange.IsEmpty() || batch.IsEmpty()) return false;
  exchange_ = static_cast<uint32_t*>(exchange.Data());
  batch_ = static_cast<SignalRecord*>(batch.Data());
  exchange_buffer_ = Napi::Reference<Napi::ArrayBuffer>::New(exchange, 1);
  batch_buffer_ = Napi::Reference<Napi::ArrayBuffer>::New(batch, 1);
  return true;
}

bool Environment::OpenHandles(Napi::Function on_wake) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env_, &loop) != napi_ok) return false;
  on_wake_ = Napi::Persistent(on_wake);
  const auto call_back = [](uv_async_t* handle) {
    static_cast<Environment*>(handle->data)->CallBack(Wakeup::kSignals);
  };
  if (uv_async_init(loop, &wake_, call_back) != 0) return false;
  uv_signal_init(loop, &child_watch_);
  wake_.data = this;
  child_watch_.data = this;
  open_handles_ = 2;
  uv_unref(reinterpret_cast<uv_handle_t*>(&wake_));
  uv_unref(reinterpret_cast<uv_handle_t*>(&child_watch_));
  return true;
}

// By the plain C calls: while the environment is torn down they fail, and Napi::Error would make that fatal.
void Environment::CallBack(Wakeup wakeup) {
  const Napi::HandleScope scope(env_);
  napi_value global = nullptr;
  std::array<napi_value, 2> arguments = {};
  const Napi::Function on_wake = on_wake_.Value();
  if (on_wake.IsEmpty() || napi_get_global(env_, &global) != napi_ok) return;
  const size_t ready_count = wakeup == Wakeup::kSignals ? Hub::Get().TakeReady(this, exchange_, kExchangeWords) : 0;
  if (napi_create_int32(env_, static_cast<int>(wakeup), &arguments[0]) != napi_ok) return;
  if (napi_create_uint32(env_, static_cast<uint32_t>(ready_count), &arguments[1]) != napi_ok) return;
  if (napi_make_callback(env_, nullptr, global, on_wake, arguments.size(), arguments.data(), nullptr) !=
      napi_pending_exception) {
    return;
  }
  // A process.on listener has thrown: as in any other callback of the loop, that is an uncaught exception.
  napi_value exception = nullptr;
  if (napi_get_and_clear_last_exception(env_, &exception) == napi_ok) napi_fatal_exception(env_, exception);
}

void Environment::KeepAlive(bool on) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&wake_);
  if (on) {
    uv_ref(handle);
  } else {
    uv_unref(handle);
  }
}

ClaimResult Environment::Claim(const ClaimOptions& options) {
  const int opened = options.by_loop ? OpenLoop() : 0;
  if (opened < 0) return ClaimResult{.step = ClaimStep::kDescriptor, .report = {.error = opened}};
  const ClaimResult result = Hub::Get().Claim(this, options);
  if (options.by_loop && result.id != 0) loop_poll_.Add(result.id);
  CloseUnwantedLoop();
  return result;
}

void Environment::Close(uint32_t id) {
  Hub::Get().Close(id);
  EndClaim(id);
}

void Environment::Free(uint32_t id) {
  Hub::Get().Free(id);
  EndClaim(id);
}

void Environment::EndClaim(uint32_t id) {
  loop_poll_.Remove(id);
  CloseUnwantedLoop();
}

int Environment::OpenLoop() {
  if (loop_poll_.is_open() && Hub::Get().HasSignalFd(this)) return 0;
  loop_poll_.Close();
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env_, &loop) != napi_ok) return -ECANCELED;
  const int fd = Hub::Get().OpenSignalFd(this);
  if (fd < 0) return fd;
  const auto on_readable = [](uv_poll_t* handle, int, int) { static_cast<Environment*>(handle->data)->TakeByLoop(); };
  const int error = loop_poll_.Open(loop, fd, on_readable, this);
  if (error < 0) Hub::Get().CloseSignalFd(this);
  return error;
}

void Environment::CloseUnwantedLoop() {
  if (!loop_poll_.is_open() || loop_poll_.is_wanted()) return;
  loop_poll_.Close();
  Hub::Get().CloseSignalFd(this);
}

void Environment::TakeByLoop() {
  if (Hub::Get().TakeByLoop(this)) CallBack(Wakeup::kSignals);
}

int Environment::Watch(int signo) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env_, &loop) != napi_ok) return -ECANCELED;
  auto& watch = watches_[static_cast<size_t>(signo)];
  int error = watch.Open([&](uv_signal_t* handle) { return uv_signal_init(loop, handle); });
  if (error < 0) return error;
  watch.get()->data = this;
  error = uv_signal_start(watch.get(), OnHeard, signo);
  if (error < 0) watch.Close();
  return error;
}

uint32_t Environment::Unwatch(int signo) {
  auto& watch = watches_[static_cast<size_t>(signo)];
  if (watch.get() == nullptr) return 0;
  // From here on libuv's handler does not find it any more.
  uv_signal_stop(watch.get());
  const uint32_t untold = watch.get()->caught_signals - watch.get()->dispatched_signals;
  watch.Close();
  return untold;
}

void Environment::OnHeard(uv_signal_t* handle, int signo) {
  // SIGCHLD goes to all who listen, and is noted before.
  if (signo != SIGCHLD) Hub::Get().Heard(static_cast<Environment*>(handle->data), signo);
}

size_t Environment::FindWatchers(int signo) {
  uv_loop_t* loop = nullptr;
  return napi_get_uv_event_loop(env_, &loop) == napi_ok ? watchers_.Find(loop, signo, OnHeard) : 0;
}

void Environment::TellWatcher(int signo, size_t index) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env_, &loop) == napi_ok) watchers_.Tell(loop, signo, index);
}

void Environment::WatchChildren(bool on) {
  const auto call_back = [](uv_signal_t* handle, int) {
    static_cast<Environment*>(handle->data)->CallBack(Wakeup::kChildren);
  };
  if (on) {
    uv_signal_start(&child_watch_, call_back, SIGCHLD);
  } else {
    uv_signal_stop(&child_watch_);
  }
}

int Environment::OpenGuard(Guard::Options options, ClaimStep* step) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env_, &loop) != napi_ok) return -ECANCELED;
  // Node measures it anyway (eventLoopUtilization); who embeds Node may not.
  uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
  options.loop_idle_time = [loop] { return static_cast<Time>(uv_metrics_idle_time(loop)); };
  options.reset_streams = ResetStandardStreams;
  const int error = Hub::Get().OpenGuard(options, step);
  if (error < 0) return error;
  guards_ = true;
  loop_pulse_.Open(loop);
  return 0;
}

void Environment::CloseGuard() {
  if (!guards_) return;
  guards_ = false;
  loop_pulse_.Close();
  Hub::Get().CloseGuard();
}

int Environment::OpenWatchdog(Watchdog::Options options, ClaimStep* step) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env_, &loop) != napi_ok) return -ECANCELED;
  if (question_.get() != nullptr) return -EBUSY;
  int error = question_.Open([&](uv_async_t* handle) {
    return uv_async_init(loop, handle, [](uv_async_t*) { Hub::Get().AnswerWatchdog(); });
  });
  if (error < 0) return error;
  options.thread = ThreadId();
  options.ask = [handle = question_.get()] { uv_async_send(handle); };
  error = Hub::Get().OpenWatchdog(std::move(options), step);
  if (error < 0) question_.Close();
  return error;
}

void Environment::CloseWatchdog() {
  if (question_.get() == nullptr) return;
  Hub::Get().CloseWatchdog();
  question_.Close();
}

int Environment::OpenDiagnostics(Diagnostics::Options&& options) {
  const int error = Hub::Get().OpenDiagnostics(std::move(options));
  if (error == 0) diagnoses_ = true;
  return error;
}

void Environment::CloseDiagnostics() {
  if (std::exchange(diagnoses_, false)) Hub::Get().CloseDiagnostics();
}

int Environment::OpenStallListener(StallListener::Options options) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env_, &loop) != napi_ok) return -ECANCELED;
  const auto call_back = [](uv_async_t* handle) { static_cast<Environment*>(handle->data)->CallBack(Wakeup::kStalls); };
  if (stall_news_.get() == nullptr) {
    const int error = stall_news_.Open([&](uv_async_t* handle) { return uv_async_init(loop, handle, call_back); });
    if (error < 0) return error;
    stall_news_.get()->data = this;
  }
  options.thread = ThreadId();
  options.target = stall_news_.get();
  options.wake = [](void* handle) { uv_async_send(static_cast<uv_async_t*>(handle)); };
  const int id = StallMonitor::Get().Open(options);
  if (id > 0) {
    stall_listeners_.push_back(static_cast<uint32_t>(id));
  } else if (stall_listeners_.empty()) {
    stall_news_.Close();
  }
  return id;
}

void Environment::CloseStallListener(uint32_t id) {
  StallMonitor::Get().Close(id);
  if (std::erase(stall_listeners_, id) > 0 && stall_listeners_.empty()) stall_news_.Close();
}

int Environment::PrepareProcesses() {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env_, &loop) != napi_ok) return -ECANCELED;
  const bool watching = processes_.handle() != nullptr;
  const auto call_back = [](uv_async_t* handle) { static_cast<Environment*>(handle->data)->CallBack(Wakeup::kExits); };
  const int result = processes_.Open(loop, call_back, this);
  if (!watching && processes_.handle() != nullptr) ++open_handles_;
  return result;
}

int Environment::WatchProcess(int pidfd) {
  const int prepared = PrepareProcesses();
  return prepared < 0 ? prepared : processes_.Watch(pidfd);
}

void Environment::BeginClose() {
  for (const pid_t pid : stopped_) Kill(pid, SIGCONT);
  CloseGuard();
  CloseWatchdog();
  CloseDiagnostics();
  while (!stall_listeners_.empty()) CloseStallListener(stall_listeners_.back());
  Hub::Get().Detach(this);
  on_wake_.Reset();
  exchange_buffer_.Reset();
  batch_buffer_.Reset();
  processes_.Abandon();
  CloseHandles();
  if (!is_main_) return;
  Spawner::Get().Stop();
  ExitWatch::Get().Stop();
}

void Environment::CloseHandles() {
  uv_close(reinterpret_cast<uv_handle_t*>(&wake_), OnHandleClosed);
  uv_close(reinterpret_cast<uv_handle_t*>(&child_watch_), OnHandleClosed);
  loop_poll_.Close();
  if (processes_.handle() != nullptr) uv_close(processes_.handle(), OnHandleClosed);
}

void Environment::OnHandleClosed(uv_handle_t* handle) {
  auto* self = static_cast<Environment*>(handle->data);
  if (--self->open_handles_ > 0) return;
  const std::unique_ptr<Environment> environment(self);
  if (environment->hook_ != nullptr) napi_remove_async_cleanup_hook(environment->hook_);
}

}  // namespace sigkit
