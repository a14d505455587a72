#include "os/name_services.hpp"

#ifdef TCPKIT_STATIC
#include <nss.h>
#endif

namespace tcpkit::os {

// Static glibc has "files" and "dns" inside. For every other service in nsswitch.conf it would load the host's module,
// and that module the host's libc beside our own: they may be of another version, or of another libc (glibc's FAQ on
// static linking and NSS).
void choose_name_services() {
#ifdef TCPKIT_STATIC
  __nss_configure_lookup("hosts", "files dns");
  __nss_configure_lookup("services", "files");
#endif
}

}  // namespace tcpkit::os
