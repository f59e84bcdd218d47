#include "hub/diagnostics.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "hub/javascript_threads.h"
#include "hub/own_dump.h"
#include "hub/say.h"
#include "hub/sender_text.h"
#include "posix/futex.h"
#include "posix/json.h"
#include "posix/quiet_thread.h"

namespace sigkit {
namespace {

// For JavaScript, until it begins; a dump of a loop that hangs is of no use later.
constexpr Time kDumpBegins = kSecond / 2;
constexpr Time kOtherBegins = kSecond;
// A loop that was woken in its poll, and has no processor yet, does not hang.
constexpr Time kLooksAtMost = 10 * kSecond;
// What it has begun, it may hang in.
constexpr Time kDumpEnds = 5 * kSecond;
constexpr Time kRefusalsInterval = kSecond;
// Of the record, with room for what stands around.
constexpr size_t kMostShown = SeenRecord::kSize - 256;
// While another one of its kind runs.
constexpr Time kLookAgain = kSecond / 10;

const char* NameOf(DiagnosticAction action) {
  static constexpr const char* kNames[kDiagnosticActions] = {"dump",       "stacks", "heapSnapshot",  "heapProfile",
                                                             "cpuProfile", "report", "openInspector", "closeInspector",
                                                             "reopen",     "print"};
  return kNames[static_cast<size_t>(action)];
}

bool IsOurs(DiagnosticAction action) {
  return action == DiagnosticAction::kStacks || action == DiagnosticAction::kPrint;
}

const char* Reason(int error) {
  switch (error) {
    case -EDQUOT:
      return "the directory holds maxBytes or maxFiles";
    case -EBADF:
      return "somebody has closed the directory";
    default:
      // NOLINTNEXTLINE(concurrency-mt-unsafe): the text of a known error is a constant
      return strerror(-error);
  }
}

void AppendOrNull(std::string* json, const char* name, const std::string& text) {
  AppendKey(json, name);
  if (text.empty()) {
    *json += "null";
  } else {
    AppendJson(json, text);
  }
}

// Its end is still to come.
std::string AnswerText(const DiagnosticRequest& request) {
  std::string json = "{";
  AppendMember(&json, "id", request.id);
  AppendMember(&json, "askedBy", request.record.pid);
  AppendKey(&json, "also");
  json += '[';
  for (uint32_t index = 0; index < std::min<size_t>(request.merged, request.also.size()); ++index)
    json += (index > 0 ? "," : "") + std::to_string(request.also[index]);
  json += ']';
  AppendMember(&json, "kind", NameOf(request.action));
  AppendOrNull(&json, "file", request.file);
  AppendOrNull(&json, "error", request.error);
  return json;
}

}  // namespace

int Diagnostics::Open(Options&& options) {
  int error = options.folder < 0 ? 0 : folder_.Open(options.folder, options.directory, options.limits);
  if (error < 0) return error;
  {
    const std::scoped_lock locking(lock_);
    options_ = std::move(options);
    requests_.clear();
    rest_ = {};
    refused_ = refused_told_ = 0;
    last_ = "null";
    answers_ = {};
  }
  // Without it they can only not be found.
  seen_.Open("sigkit-diagnostics");
  ShowLast(nullptr);
  // Before the thread and those who take requests let go of them.
  if (folder_.is_open()) spare_.Fill();
  stopping_ = false;
  error = StartQuietThread(&thread_, Run, this);
  open_ = error == 0;
  if (error < 0) CloseFiles();
  return error;
}

void Diagnostics::Close() {
  if (!open_.exchange(false)) return;
  stopping_ = true;
  FutexAdvance(&news_);
  pthread_join(thread_, nullptr);
  CloseFiles();
}

void Diagnostics::CloseFiles() {
  const std::scoped_lock locking(lock_);
  seen_.Close();
  folder_.Close();
  spare_.Release();
}

// False: nobody in particular wants that.
bool Diagnostics::Decide(const SignalRecord& record, DiagnosticAction* action, uint32_t* seconds) {
  *action = options_.actions[static_cast<size_t>(record.signo)];
  if (*action != DiagnosticAction::kByValue) return true;
  const auto value = record.code == SI_QUEUE ? static_cast<uint32_t>(record.value) : 0;
  *action = static_cast<DiagnosticAction>(value & 0xffU);
  *seconds = value >> 8U;
  return *action < DiagnosticAction::kPrint;
}

void Diagnostics::OnSignal(const SignalRecord& record) {
  if (!open_) return;
  {
    const std::scoped_lock locking(lock_);
    if (!options_.signals.Has(record.signo)) return;
    DiagnosticAction action = DiagnosticAction::kDump;
    uint32_t seconds = 0;
    if (options_.allowed.Has(record) && Decide(record, &action, &seconds)) {
      Add(record, action, seconds);
    } else {
      ++refused_;
      last_refused_ = record;
    }
  }
  FutexAdvance(&news_);
}

void Diagnostics::Add(const SignalRecord& record, DiagnosticAction action, uint32_t seconds) {
  for (const Request& request : requests_) {
    if (request->action != action || request->taken_at != 0) continue;
    if (request->merged < request->also.size()) request->also[request->merged] = record.pid;
    ++request->merged;
    request->seconds = std::max(request->seconds, seconds);
    return;
  }
  auto request = std::make_unique<DiagnosticRequest>();
  request->id = ++last_id_;
  request->action = action;
  request->seconds = seconds;
  request->record = record;
  request->sender.Read(record.pid);
  request->asked_at = Now();
  requests_.push_back(std::move(request));
}

bool Diagnostics::IsRunning(DiagnosticAction action) const {
  return std::any_of(requests_.begin(), requests_.end(),
                     [&](const Request& request) { return request->action == action && request->taken_at != 0; });
}

void Diagnostics::Take(Time* look_again, Visit visit, void* context) {
  {
    const std::scoped_lock locking(lock_);
    const Time now = Now();
    for (const Request& request : requests_) {
      const DiagnosticAction action = request->action;
      if (IsOurs(action) || request->taken_at != 0) continue;
      const Time rest = IsRunning(action) ? kLookAgain : RestOf(action) - now;
      if (rest > 0) {
        *look_again = std::min(*look_again, rest);
        continue;
      }
      request->taken_at = now;
      if (action == DiagnosticAction::kDump) spare_.Release();
      visit(*request, context);
    }
  }
  FutexAdvance(&news_);
}

void Diagnostics::Finish(uint32_t id, std::string text, std::string file, std::string error) {
  {
    const std::scoped_lock locking(lock_);
    for (const Request& request : requests_) {
      if (request->id != id || request->done) continue;
      request->done = true;
      request->text = std::move(text);
      request->file = std::move(file);
      request->error = std::move(error);
      break;
    }
  }
  FutexAdvance(&news_);
}

uint32_t Diagnostics::refused() {
  const std::scoped_lock locking(lock_);
  return refused_;
}

// When it is this thread's to do.
Time Diagnostics::DueTime(const DiagnosticRequest& request) {
  if (stopping_ || request.done) return 0;
  const Time rest = RestOf(request.action);
  if (IsOurs(request.action)) return rest;
  const bool dump = request.action == DiagnosticAction::kDump;
  if (request.taken_at != 0) return dump ? request.taken_at + kDumpEnds : kNever;
  if (IsRunning(request.action)) return kNever;
  return std::max(std::max(request.asked_at, rest) + (dump ? kDumpBegins : kOtherBegins), request.look_at);
}

bool Diagnostics::Postpone(DiagnosticRequest* request, Time now) const {
  const bool waits = !stopping_ && !request->done && !IsOurs(request->action) && request->taken_at == 0;
  if (!waits || now > request->asked_at + kLooksAtMost || !JavaScriptThreads::Get().IsInPoll(options_.thread))
    return false;
  request->look_at = now + kLookAgain;
  return true;
}

void* Diagnostics::Run(void* self) {
  prctl(PR_SET_NAME, "sigkit-stacks");
  static_cast<Diagnostics*>(self)->Loop();
  return nullptr;
}

void Diagnostics::Loop() {
  for (;;) {
    const uint32_t news = __atomic_load_n(&news_, __ATOMIC_ACQUIRE);
    std::unique_lock locking(lock_);
    Time next = kNever;
    auto first = requests_.end();
    for (auto at = requests_.begin(); at != requests_.end(); ++at) {
      const Time due = DueTime(**at);
      if (due < next) first = at;
      next = std::min(next, due);
    }
    const Time now = Now();
    if (refused_ != refused_told_ && (tell_refused_ <= now || stopping_)) {
      TellRefused(&locking);
    } else if (next <= now && !Postpone(first->get(), now)) {
      Request request = std::move(*first);
      requests_.erase(first);
      RestOf(request->action) = now + options_.interval;
      if (request->action <= DiagnosticAction::kStacks) spare_.Release();
      locking.unlock();
      Perform(std::move(request));
    } else if (sampler_.is_open() && (sampler_.next_time() <= now || stopping_)) {
      locking.unlock();
      Sample();
    } else if (stopping_) {
      return;
    } else {
      next = std::min(next, sampler_.next_time());
      if (refused_ != refused_told_) next = std::min(next, tell_refused_);
      locking.unlock();
      FutexWait(&news_, news, next == kNever ? kNever : next - now);
    }
  }
}

void Diagnostics::Perform(Request request) {
  const bool hangs = !request->done && !stopping_;
  if (request->action == DiagnosticAction::kCpuProfile && hangs && !sampler_.is_open()) {
    sampler_.Begin(std::move(request));
    return;
  }
  Answer(request.get());
  Conclude(*request);
}

void Diagnostics::Sample() {
  if (!stopping_) sampler_.Look();
  if (!stopping_ && !sampler_.IsOver()) return;
  const std::string text = sampler_.Text();
  const Request request = sampler_.End();
  WriteFile(request.get(), "stack-samples.json", text);
  Conclude(*request);
}

void Diagnostics::Conclude(const DiagnosticRequest& request) {
  ShowLast(&request);
  if (request.action != DiagnosticAction::kPrint) Tell(request);
  const std::scoped_lock locking(lock_);
  RestOf(request.action) = Now() + options_.interval;
  if (folder_.is_open() && !IsRunning(DiagnosticAction::kDump)) spare_.Fill();
}

void Diagnostics::Answer(DiagnosticRequest* request) {
  switch (request->action) {
    case DiagnosticAction::kPrint:
      return printer_.Print(*request);
    case DiagnosticAction::kStacks:
      return WriteFile(request, "stacks.txt", printer_.Text(*request));
    case DiagnosticAction::kDump:
      if (request->text.empty()) request->text = OwnDump(*request, printer_.Text(*request));
      return WriteFile(request, "dump.json", request->text);
    default:
      if (request->done) return;
      request->error = !stopping_               ? "the event loop hangs"
                       : request->taken_at != 0 ? "it was under way as the diagnostics were closed"
                                                : "the diagnostics are being closed";
  }
}

void Diagnostics::WriteFile(DiagnosticRequest* request, const char* kind, const std::string& text) {
  std::string name;
  const int error = folder_.Write(kind, text, &name);
  request->error = error < 0 ? Reason(error) : "";
  if (error == 0) request->file = folder_.path() + "/" + name;
}

void Diagnostics::Tell(const DiagnosticRequest& request) {
  const char* const name = NameOf(request.action);
  const SenderText sender(request.record);
  const char* const more = request.merged > 0 ? " (asked more than once)" : "";
  if (!request.error.empty()) {
    Say("%s%s: no %s: %s", sender.c_str(), more, name, request.error.c_str());
  } else {
    const bool noted = request.action != DiagnosticAction::kDump && !request.text.empty();
    Say("%s%s: %s%s%s%s%s", sender.c_str(), more, name, request.file.empty() ? "" : " in ", request.file.c_str(),
        noted ? "; " : "", noted ? request.text.c_str() : "");
  }
}

void Diagnostics::TellRefused(std::unique_lock<std::mutex>* locking) {
  const uint32_t refused = refused_ - std::exchange(refused_told_, refused_);
  const SignalRecord last = last_refused_;
  tell_refused_ = Now() + kRefusalsInterval;
  locking->unlock();
  Say("%s is not answered: not allowed, or no such value; refused since the last such line: %u",
      SenderText(last).c_str(), refused);
  ShowLast(nullptr);
}

// Without one the last one stays. With it those of other kinds are shown: who has asked for these may look only now.
void Diagnostics::ShowLast(const DiagnosticRequest* request) {
  const std::scoped_lock locking(lock_);
  if (request != nullptr) {
    const std::string answer = AnswerText(*request);
    std::string& place = answers_[static_cast<size_t>(request->action)];
    place.clear();
    last_ = answer;
    AppendKey(&last_, "before");
    last_ += '[';
    for (const std::string& other : answers_) {
      if (other.empty() || options_.about.size() + last_.size() + other.size() > kMostShown) continue;
      last_ += (last_.back() == '[' ? "" : ",") + other;
    }
    last_ += "]}";
    place = answer + '}';
  }
  std::string text = options_.about;
  AppendMember(&text, "refused", refused_);
  AppendKey(&text, "last");
  text += last_ + '}';
  seen_.Write(text);
}

}  // namespace sigkit
