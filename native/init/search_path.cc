#include "init/search_path.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace sigkit::init {
namespace {

constexpr char kUsualPath[] = "/bin:/usr/bin";  // glibc's, for who has no PATH

// folder/command; an empty folder is the current one.
char* Join(std::string_view folder, std::string_view command, char* to) {
  to = std::copy(folder.begin(), folder.end(), to);
  if (!folder.empty()) *to++ = '/';
  to = std::copy(command.begin(), command.end(), to);
  *to++ = '\0';
  return to;
}

}  // namespace

bool Candidates::Find(const char* command) {
  const char* const variable = getenv("PATH");
  std::string_view path = variable == nullptr ? kUsualPath : variable;
  const bool is_path = strchr(command, '/') != nullptr || *command == '\0';
  const size_t folders = is_path ? 1 : 1 + static_cast<size_t>(std::count(path.begin(), path.end(), ':'));
  const size_t length = strlen(command) + 2;
  list_ = MakeArray<const char*>(folders + 1);
  text_ = MakeArray<char>(path.size() + folders * length);
  if (list_ == nullptr || text_ == nullptr) return false;
  if (is_path) {
    list_[0] = command;
    return true;
  }
  char* at = text_.get();
  for (size_t index = 0; index < folders; ++index) {
    const size_t colon = std::min(path.find(':'), path.size());
    list_[index] = at;
    at = Join(path.substr(0, colon), command, at);
    path.remove_prefix(std::min(colon + 1, path.size()));
  }
  return true;
}

}  // namespace sigkit::init
