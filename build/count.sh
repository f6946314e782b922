# Counts the tests of several projects by what `dotnet test` has written of each; sourced by build/test.

# Ends the log of a project: one whose process has crashed, or has written nothing, has a failure more.
conclude() { # name log exit-code
  local summary
  summary=$(sed -n '/^Test run summary/,$p' "$2" 2> /dev/null)

  if [ -z "$summary" ]; then
    printf 'Test run summary: none\n  failed: 1 (%s ended without a result)\n' "$1" >> "$2"
  elif [ "$3" -ne 0 ] && ! grep -qE '^  failed: [1-9]' <<< "$summary"; then
    printf '  failed: 1 (%s ended with exit code %s)\n' "$1" "$3" >> "$2"
  fi
}

# Prints "N passed, N failed, N skipped" of all logs in a folder. Succeeds when something passed and nothing failed, and, where every server
# is there, nothing was skipped.
total() { # folder-of-logs folder-of-servers
  local passed failed skipped logs=("$1"/*.log)
  [ -e "${logs[0]}" ] || logs=(/dev/null)
  read -r passed failed skipped < <(awk '
    # What tests write themselves comes before the summary of their project.
    FNR == 1 {summary = 0}
    /^Test run summary/ {summary = 1; next}
    summary && /^  (succeeded|failed|skipped): [0-9]+/ {count[$1] += $2; next}
    END {print count["succeeded:"] + 0, count["failed:"] + 0, count["skipped:"] + 0}' "${logs[@]}")

  if [ -d "$2" ] && [ "$skipped" -gt 0 ]; then
    echo "$skipped tests were skipped although ../shared has what they need; that counts as a failure."
  fi
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] && { [ "$skipped" -eq 0 ] || [ ! -d "$2" ]; }
}
