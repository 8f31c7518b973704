#!/bin/sh
# What each of our processes may do in Kafka, by its SASL user; give each process its own KAFKA_SASL_USERNAME.
#
#   KAFKA_BROKERS=kafka-1:9093 KAFKA_ADMIN_CONFIG=admin.properties KAFKA_TOPIC_PREFIX=live. sh deploy/kafka-acls.sh
#
# KAFKA_ADMIN_CONFIG is the client configuration of a super user. With an empty prefix the rights are on every topic and
# group of that Kafka: give deployments that share one a prefix each. KAFKA_ACLS names the program where it is not on PATH.
set -eu

brokers=${KAFKA_BROKERS:-127.0.0.1:9092}
prefix=${KAFKA_TOPIC_PREFIX:-}
if [ -n "$prefix" ]; then
  topics="--topic $prefix --resource-pattern-type prefixed"
  groups="--group $prefix --resource-pattern-type prefixed"
else
  topics='--topic *'
  groups='--group *'
fi

set -f
allow() {
  user=$1
  shift
  "${KAFKA_ACLS:-kafka-acls.sh}" --bootstrap-server "$brokers" \
    ${KAFKA_ADMIN_CONFIG:+--command-config "$KAFKA_ADMIN_CONFIG"} \
    --add --force --allow-principal "User:$user" "$@"
}

# `npm run topics`: creates the catalogue. No other process creates topics unless the API is to (below).
allow lootledger-topics $topics --operation Create --operation Describe --operation DescribeConfigs

# The relay writes what the outbox holds, and reads nothing.
allow lootledger-relay $topics --operation Write --operation Describe

# Consumers read, and commit as their groups. Dead letters and copies leave by the relay.
allow lootledger-consumers $topics --operation Read --operation Describe
allow lootledger-consumers $groups --operation Read --operation Describe

# Workflow workers replay: they read windows as passing groups, and publish to replay topics.
allow lootledger-workflows $topics --operation Read --operation Write --operation Describe
allow lootledger-workflows $groups --operation Read --operation Describe

# The API publishes for clients, tails topics for streams, and looks after the topics and groups that operators name.
allow lootledger-api $topics --operation Read --operation Write --operation Describe
allow lootledger-api $topics --operation Create --operation Delete --operation AlterConfigs --operation DescribeConfigs
allow lootledger-api $groups --operation Read --operation Describe --operation Delete

# A game server that reports through Kafka: one topic, nothing else. Whoever may write there may name any client with
# `results:write` as its event's `ce_source`, so these servers trust each other; others report over HTTP.
allow game-server --topic "${prefix}game.result" --operation Write --operation Describe
