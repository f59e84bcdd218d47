#ifndef SIGKIT_INIT_ENVIRONMENT_H_
#define SIGKIT_INIT_ENVIRONMENT_H_

#include <array>
#include <cstdlib>

#include "init/memory.h"

namespace sigkit::init {

// What one init says to its child by the environment.
inline constexpr size_t kSpokenVariables = 3;
using SpokenVariables = std::array<char*, kSpokenVariables>;

// A variable that speaks to init. Who starts one that runs for another user (set-user-ID, file capabilities) does not
// command it so: then there is none (secure_getenv(3)).
inline const char* Spoken(const char* name) { return secure_getenv(name); }

// init's own environment with these in place of others of their names. Empty when memory is out.
Array<char*> MakeEnvironment(const SpokenVariables& spoken);
// Takes what an outer init has said out of init's own.
void ForgetSpoken();

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_ENVIRONMENT_H_
