#!/bin/sh
# The version in use: the package's own, or one that came by an update.
[ -x /opt/edgecam/current/edgecam ] && exec /opt/edgecam/current/edgecam "$@"
exec /usr/lib/edgecam/edgecam "$@"
