#ifndef SIGKIT_INIT_ENVIRONMENT_H_
#define SIGKIT_INIT_ENVIRONMENT_H_

#include <array>
#include <cstdlib>

#include "init/memory.h"
#include "init/process_names.h"

namespace sigkit::init {

// What one init says to its child by the environment.
inline constexpr size_t kSpokenVariables = 3;
using SpokenVariables = std::array<char*, kSpokenVariables>;

// A variable that speaks to init. Who starts one that runs for another user (set-user-ID, file capabilities) does not
// command it so: then there is none (secure_getenv(3)).
inline const char* Spoken(const char* name) { return secure_getenv(name); }

// Takes what an outer init has said out of init's own.
void ForgetSpoken();

// The child's: init's own without the options of this one, which are not for another init further down.
class ChildEnvironment {
 public:
  // With `spoken`, if any, in place of others of their names. False when memory is out.
  bool Make(bool keep_options, const SpokenVariables* spoken);
  char* const* list() const { return list_.get(); }

  // From within the child, before its execve(2); async-signal-safe. What was about init is about the child then.
  void NameChild() { names_.AddAbout(list_.get() + count_); }

 private:
  Array<char*> list_;
  size_t count_ = 0;
  ProcessNames names_;
};

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_ENVIRONMENT_H_
