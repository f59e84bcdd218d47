#include "hub/own_dump.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "posix/directory.h"
#include "posix/dump_folder.h"
#include "posix/json.h"
#include "posix/own_proc.h"
#include "posix/owned_fd.h"
#include "posix/signal_names.h"
#include "posix/unique_fd.h"

namespace sigkit {
namespace {

// A process with thousands of groups has long ones.
constexpr size_t kFileLimit = size_t{256} << 10U;
constexpr size_t kEntryLimit = 4096;

// Not where it cannot be read.
void AppendFile(std::string* json, std::string_view name, const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return;
  std::string text;
  std::array<char, 4096> part;
  for (ssize_t got; text.size() < kFileLimit && (got = read(file.get(), part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<size_t>(got));
  AppendMember(json, name, text);
}

template <typename Visit>
void EachEntry(const char* path, Visit visit) {
  const Directory folder(opendir(path));
  size_t count = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): safe on a stream of our own (readdir(3))
  while (const dirent* entry = folder == nullptr ? nullptr : readdir(folder.get())) {
    if (entry->d_name[0] != '.' && ++count <= kEntryLimit) visit(entry->d_name);
  }
}

void AppendTasks(std::string* json) {
  AppendKey(json, "tasks");
  *json += '{';
  EachEntry("/proc/self/task", [&](const char* tid) {
    const std::string folder = std::string("/proc/self/task/") + tid + "/";
    AppendKey(json, tid);
    *json += '{';
    for (const char* name : {"status", "stat", "wchan", "syscall", "children"}) AppendFile(json, name, folder + name);
    *json += '}';
  });
  *json += '}';
}

void AppendDescriptors(std::string* json) {
  AppendKey(json, "descriptors");
  *json += '{';
  EachEntry("/proc/self/fd", [&](const char* number) {
    if (OwnedFd::Holds(static_cast<int>(strtol(number, nullptr, 10)))) return;
    const std::string path = std::string("/proc/self/fd/") + number;
    std::array<char, 1024> target;
    const ssize_t length = readlink(path.c_str(), target.data(), target.size());
    if (length > 0) AppendMember(json, number, {target.data(), static_cast<size_t>(length)});
  });
  *json += '}';
}

void AppendList(std::string* json, std::string_view name, std::string_view texts, char end) {
  AppendKey(json, name);
  *json += '[';
  while (!texts.empty()) {
    const size_t length = texts.find(end);
    if (json->back() != '[') *json += ',';
    AppendJson(json, texts.substr(0, length));
    texts.remove_prefix(length == std::string_view::npos ? texts.size() : length + 1);
  }
  *json += ']';
}

}  // namespace

void AppendAsked(std::string* json, const DiagnosticRequest& request) {
  const SignalRecord& record = request.record;
  AppendKey(json, "asked");
  *json += '{';
  AppendMember(json, "signal", SignalName(record.signo, SIGRTMIN).c_str());
  AppendMember(json, "number", record.signo);
  AppendMember(json, "code", record.code);
  AppendMember(json, "pid", record.pid);
  AppendMember(json, "uid", record.uid);
  AppendMember(json, "value", static_cast<int32_t>(record.value));
  AppendMember(json, "merged", request.merged);
  AppendMember(json, "name", request.sender.name.data());
  AppendList(json, "command", {request.sender.arguments.data(), request.sender.length}, '\0');
  *json += '}';
}

void AppendLines(std::string* json, std::string_view name, std::string_view lines) {
  AppendList(json, name, lines, '\n');
}

std::string OwnDump(const DiagnosticRequest& request, const std::string& stacks) {
  std::string json = R"({"schema":1,"kind":"dump","answered":false)";
  AppendMember(&json, "at", UtcNow());
  AppendMember(&json, "pid", getpid());
  AppendAsked(&json, request);
  AppendLines(&json, "stacks", stacks);
  AppendKey(&json, "raw");
  json += '{';
  if (CheckOwnProc() == 0) {
    for (const char* name : {"status", "stat", "limits", "cgroup", "schedstat", "io"})
      AppendFile(&json, name, std::string("/proc/self/") + name);
    AppendTasks(&json);
    AppendDescriptors(&json);
  }
  json += "}}\n";
  return json;
}

}  // namespace sigkit
