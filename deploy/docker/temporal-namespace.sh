#!/bin/sh
# Creates the namespace and the search attributes named in SEARCH_ATTRIBUTES (Name=Type …). May run again.
set -eu

# A server that starts, and a namespace that is new, take some seconds to be seen.
within_a_minute() {
  tries=60
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
      echo "no success within a minute: $*" >&2
      "$@"
    fi
    sleep 1
  done
}

within_a_minute temporal operator cluster health

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 72h

within_a_minute temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE"
known=$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE")
for attribute in $SEARCH_ATTRIBUTES; do
  name=${attribute%%=*}
  if echo "$known" | grep -qw "$name"; then continue; fi
  temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type "${attribute#*=}"
done
