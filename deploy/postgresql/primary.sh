#!/bin/sh
# Makes the site's role and database, and the role that a replica logs in with. Run once, on the primary, as its
# superuser:
#   PGDATA=... DEBATE_PASSWORD=... REPLICATION_PASSWORD=... primary.sh
# REPLICA_ADDRESS says from where a replica may come; without it, from anywhere that the password is known.
set -eu

psql -X -q -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d postgres \
    -v site="$DEBATE_PASSWORD" -v replication="$REPLICATION_PASSWORD" >/dev/null <<'SQL'
CREATE ROLE debate LOGIN PASSWORD :'site';
CREATE DATABASE debate OWNER debate TEMPLATE template0 ENCODING 'UTF8';
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'replication';
SQL
echo "host replication replicator ${REPLICA_ADDRESS:-all} scram-sha-256" >>"$PGDATA/pg_hba.conf"
psql -X -q -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d postgres -c 'SELECT pg_reload_conf()' >/dev/null
