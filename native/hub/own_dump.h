#ifndef SIGKIT_HUB_OWN_DUMP_H_
#define SIGKIT_HUB_OWN_DUMP_H_

#include <string>
#include <string_view>

#include "hub/diagnostic_request.h"

namespace sigkit {

// What can be told of this process without JavaScript, as JSON (docs/diagnostics.md): who asked, the stacks, and files
// of /proc as they are. The first two are its members.
void AppendAsked(std::string* json, const DiagnosticRequest& request);
void AppendLines(std::string* json, std::string_view name, std::string_view lines);
std::string OwnDump(const DiagnosticRequest& request, const std::string& stacks);

}  // namespace sigkit

#endif  // SIGKIT_HUB_OWN_DUMP_H_
