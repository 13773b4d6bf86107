#!/bin/sh
# Fills an empty data folder from the primary, once, so that the server then follows it; then runs what it is given:
#   PGDATA=... PRIMARY_HOST=... REPLICATION_PASSWORD=... replica.sh postgres
# As the system's user of the server. A folder that holds a database is left as it is; a copy that was broken off is
# begun anew. With the copy it makes the slot "replica", by which the primary keeps what this one has not had yet.
set -eu

at_primary() {
    program=$1
    shift
    PGPASSWORD=$REPLICATION_PASSWORD "$program" --host="$PRIMARY_HOST" --port="${PRIMARY_PORT:-5432}" \
        --username=replicator --no-password --slot=replica "$@" &
    child=$!
    wait "$child"
}

if [ ! -s "$PGDATA/global/pg_control" ]; then
    # The first process of a container heeds no signal that it has not asked for.
    child=
    trap 'kill "$child" 2>/dev/null || :; exit 143' INT TERM
    while [ ! -d "$PGDATA/whole" ]; do
        rm -rf "$PGDATA/part"
        # A slot of an earlier copy may have lost what it was to keep.
        at_primary pg_receivewal --drop-slot 2>/dev/null || :
        if at_primary pg_basebackup --create-slot --pgdata="$PGDATA/part" --wal-method=stream --checkpoint=fast \
            --write-recovery-conf; then
            mv "$PGDATA/part" "$PGDATA/whole"
        else
            echo "replica: the primary does not give a copy yet" >&2
            sleep 2 &
            child=$!
            wait "$child"
        fi
    done
    # global, which is looked for above, comes last.
    for path in "$PGDATA"/whole/*; do
        name=${path##*/}
        if [ "$name" != global ]; then
            rm -rf "${PGDATA:?}/$name"
            mv "$path" "$PGDATA/"
        fi
    done
    rm -rf "$PGDATA/global"
    mv "$PGDATA/whole/global" "$PGDATA/"
    rmdir "$PGDATA/whole"
    chmod 700 "$PGDATA"
    trap - INT TERM
fi
exec "$@"
