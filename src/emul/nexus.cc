// SPDX-License-Identifier: MIT
#include "emul/nexus.h"

#include <string>

namespace prh {

TransportId canonical(const TransportId& initiator_port) {
    // The text keeps exactly what names the port. Where it cannot be read back (an iSCSI name of a kind that
    // RFC 7143 does not know), the bytes themselves are the name.
    return TransportId::from_string(initiator_port.to_string()).value_or(initiator_port);
}

}  // namespace prh
