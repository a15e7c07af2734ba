#!/bin/sh
# One backup of all work into FOLDER; the newest 14 are kept. Run from the folder of the program.
set -eu
folder=${1:?usage: backup.sh FOLDER}
name="jangkau-$(date -u +%Y%m%dT%H%M%SZ).zip"
"${PYTHON:-python}" -m coverage backup "$folder/$name"
# Names sort by time, so the oldest come first.
set -- "$folder"/jangkau-*.zip
while [ $# -gt 14 ]; do
  rm -f -- "$1"
  shift
done
