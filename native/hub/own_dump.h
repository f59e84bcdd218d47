#ifndef SIGKIT_HUB_OWN_DUMP_H_
#define SIGKIT_HUB_OWN_DUMP_H_

#include <string>

#include "hub/diagnostic_request.h"

namespace sigkit {

// What can be told of this process without JavaScript, as JSON (docs/diagnostics.md): who asked, the stacks, and files
// of /proc as they are.
std::string OwnDump(const DiagnosticRequest& request, const std::string& stacks);

}  // namespace sigkit

#endif  // SIGKIT_HUB_OWN_DUMP_H_
