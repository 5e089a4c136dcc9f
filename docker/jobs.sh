#!/bin/sh
# Starts and stops the three jobs of one pipeline.
#
#   jobs.sh submit    starts each job that is not running: from the savepoint that `stop` left, else from the newest checkpoint
#                     of its last run, else from the beginning
#   jobs.sh stop      stops each running job with a savepoint, gold first
#
# PIPELINE names a folder of $MEDALLION_HOME/pipelines, WAREHOUSE is the root of the tables, and STATE is a folder that outlives
# the containers: $STATE/checkpoints and $STATE/savepoints are Flink's, $STATE/jobs/<pipeline> keeps each job's ID.
set -eu

home=${MEDALLION_HOME:-/opt/medallion}
jobs=$STATE/jobs/$PIPELINE
mkdir -p "$jobs"

# A cluster that does not answer is no answer: a job taken for gone would be submitted a second time.
running() {
  [ -f "$jobs/$1.id" ] || return 1
  if ! list=$(flink list -r 2>&1); then
    echo "Flink did not say whether $1 is running: $list" >&2
    exit 1
  fi
  case $list in *"$(cat "$jobs/$1.id")"*) return 0 ;; *) return 1 ;; esac
}

# The checkpoint with the highest number that is complete, or nothing.
newest_checkpoint() {
  [ -f "$jobs/$1.id" ] || return 0
  for metadata in "$STATE/checkpoints/$(cat "$jobs/$1.id")"/chk-*/_metadata; do
    [ -f "$metadata" ] || continue
    checkpoint=${metadata%/_metadata}
    echo "${checkpoint##*/chk-} $checkpoint"
  done | sort -n | tail -n 1 | cut -d ' ' -f 2-
}

submit() {
  if running "$1"; then
    echo "$1 is running as $(cat "$jobs/$1.id")"
    return
  fi
  if [ -f "$jobs/$1.savepoint" ]; then
    from=$(cat "$jobs/$1.savepoint")
  else
    from=$(newest_checkpoint "$1")
    if [ -z "$from" ] && [ -f "$jobs/$1.id" ]; then
      if [ ! -d "$STATE/checkpoints/$(cat "$jobs/$1.id")" ]; then
        # Starting it anew would write into tables that its lost state belongs to.
        echo "$1 ran as $(cat "$jobs/$1.id") and its checkpoints are not in $STATE/checkpoints." \
          "Write the path of a savepoint or checkpoint to $jobs/$1.savepoint," \
          "or delete $jobs and the tables of $PIPELINE to begin again." >&2
        exit 1
      fi
      # No checkpoint, so nothing was committed: again from where that run started.
      from=$(cat "$jobs/$1.from")
    fi
  fi
  echo "$1 starts from ${from:-the beginning}"
  output=$(flink run -d ${from:+-s "$from"} "$home/$1.jar" --pipeline "$home/pipelines/$PIPELINE" --warehouse "$WAREHOUSE")
  id=$(echo "$output" | sed -n 's/.*JobID \([0-9a-f]\{32\}\).*/\1/p')
  if [ -z "$id" ]; then
    echo "$1 was not submitted: $output" >&2
    exit 1
  fi
  echo "$from" > "$jobs/$1.from"
  echo "$id" > "$jobs/$1.id"
  rm -f "$jobs/$1.savepoint"
  echo "$1 is running as $id"
}

stop() {
  if ! running "$1"; then
    echo "$1 is not running"
    return
  fi
  output=$(flink stop --savepointPath "$STATE/savepoints" "$(cat "$jobs/$1.id")")
  savepoint=$(echo "$output" | sed -n 's/.*Savepoint completed\. Path: \(.*\)/\1/p')
  if [ -z "$savepoint" ]; then
    echo "$1 was not stopped: $output" >&2
    exit 1
  fi
  echo "$savepoint" > "$jobs/$1.savepoint"
  echo "$1 stopped, savepoint $savepoint"
}

case ${1:-} in
  submit) for job in ingest-bronze refine-silver aggregate-gold; do submit "$job"; done ;;
  stop) for job in aggregate-gold refine-silver ingest-bronze; do stop "$job"; done ;;
  *)
    echo "Usage: jobs.sh submit|stop" >&2
    exit 2
    ;;
esac
