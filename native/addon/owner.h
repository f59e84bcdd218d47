#ifndef SIGKIT_ADDON_OWNER_H_
#define SIGKIT_ADDON_OWNER_H_

#include <string>

namespace sigkit {

// A process can hold several copies of this addon (two versions of the package, two paths), but has one set of masks
// and dispositions. The copy that was loaded first owns them; the others find it here and step back.
struct Owner {
  std::string path;  // empty: this copy
  unsigned abi = 0;
};

Owner FindOwner();

}  // namespace sigkit

#endif  // SIGKIT_ADDON_OWNER_H_
