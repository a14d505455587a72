#pragma once

namespace tcpkit::os {

/// To be called before the C library is asked for a name. In a static executable, names then come from /etc/hosts,
/// /etc/services and DNS, whatever nsswitch.conf says; otherwise this does nothing.
void choose_name_services();

}  // namespace tcpkit::os
