#ifndef SIGKIT_HUB_STACK_TEXT_H_
#define SIGKIT_HUB_STACK_TEXT_H_

#include <string>
#include <vector>

#include "hub/javascript_thread.h"

namespace sigkit {

// Which thread it is, what it does, and for how long.
std::string HeadOf(const ThreadStack& stack);

// `at FUNCTION (PLACE)` for each frame of JavaScript, and `in FUNCTION (FILE+OFFSET)` for each native one.
std::vector<std::string> FrameLines(const ThreadStack& stack);

}  // namespace sigkit

#endif  // SIGKIT_HUB_STACK_TEXT_H_
