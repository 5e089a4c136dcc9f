#!/usr/bin/env bash
# Serves the status of a pipeline to Prometheus on port 9400; WAREHOUSE and PIPELINE as for jobs.sh.
set -euo pipefail

exec java -Xmx512m -XX:TieredStopAtLevel=1 -Duser.timezone=UTC \
  -cp "/opt/medallion/command/classes:/opt/medallion/command/lib/*" \
  io.medallion.services.Medallion status --prometheus 9400 \
  --pipeline "file:///opt/medallion/pipelines/$PIPELINE" --warehouse "$WAREHOUSE"
