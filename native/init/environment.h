#ifndef SIGKIT_INIT_ENVIRONMENT_H_
#define SIGKIT_INIT_ENVIRONMENT_H_

#include <array>

#include "init/memory.h"

namespace sigkit::init {

// What one init says to its child by the environment.
inline constexpr size_t kSpokenVariables = 3;
using SpokenVariables = std::array<char*, kSpokenVariables>;

// init's own environment with these in place of others of their names. Empty when memory is out.
Array<char*> MakeEnvironment(const SpokenVariables& spoken);
// Takes what an outer init has said out of init's own.
void ForgetSpoken();

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_ENVIRONMENT_H_
