#!/bin/sh
# Fills an empty data folder from the primary, once, so that the server then follows it; then runs what it is given:
#   PGDATA=... PRIMARY_HOST=... REPLICATION_PASSWORD=... replica.sh postgres
# As the system's user of the server. A folder that holds a database is left as it is.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    until PGPASSWORD=$REPLICATION_PASSWORD pg_basebackup --host="$PRIMARY_HOST" --port="${PRIMARY_PORT:-5432}" \
        --username=replicator --no-password --pgdata="$PGDATA" --slot=replica --wal-method=stream --checkpoint=fast \
        --write-recovery-conf; do
        echo "replica: the primary does not give a copy yet" >&2
        sleep 2
    done
    chmod 700 "$PGDATA"
fi
exec "$@"
