#!/bin/sh
# Creates or updates Temporal's two databases. Every step may run again: an existing database and an applied version are skipped.
set -eu

prepare() {
  database=$1
  schema=$2
  temporal-sql-tool --database "$database" create-database
  temporal-sql-tool --database "$database" setup-schema --version 0.0
  temporal-sql-tool --database "$database" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$schema/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
