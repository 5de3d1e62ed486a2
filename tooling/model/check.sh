#!/usr/bin/env bash
# The protocol's model (cutover.pml): the design must hold, and every seeded bug and gap of switches.txt must be found.
# usage: check.sh [--quick] [SWITCH...]    --quick: only that the design holds; SWITCH: only these lines of switches.txt
# T=<seconds> bounds each exploration (900). Exit codes: 0 as expected, also where SPIN is not installed; 1 not as expected; 2 usage.
set -u
here=$(cd "$(dirname "$0")" && pwd)
quick=0
chosen=' '
for argument in "$@"; do
  case "$argument" in
    --quick) quick=1 ;;
    --help | -h) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
    *)
      grep -q "^$argument|" "$here/switches.txt" || { echo "no switch $argument; switches.txt has them" >&2; exit 2; }
      chosen="$chosen$argument " ;;
  esac
done

for tool in spin gcc; do
  command -v "$tool" >/dev/null || missing="${missing:-}${missing:+ and }$tool"
done
if [ -n "${missing:-}" ]; then
  echo "THE MODEL DID NOT RUN: $missing not found. Install SPIN 6 and gcc (apt-get install spin gcc); nothing was checked." >&2
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# definitions -> "errors states", or "? ?" where it did not end in time
explore() {
  (
    cd "$work" && rm -f ./pan* ./*.trail out &&
      # The definitions are several words.
      spin $1 -a "$here/cutover.pml" >/dev/null &&
      gcc -O2 -DCOLLAPSE -DSAFETY -DVECTORSZ=512 -DMEMLIM=9000 -o pan pan.c 2>/dev/null &&
      timeout "${T:-900}" ./pan -m200000 >out 2>&1
    errors=$(grep -oE 'errors: [0-9]+' out 2>/dev/null | head -n 1 | grep -oE '[0-9]+')
    # Beyond its depth, or out of memory, no error means nothing.
    grep -qE 'max search depth too small|reached -DMEMLIM' out 2>/dev/null && [ "$errors" = 0 ] && errors='?'
    echo "${errors:-?} $(grep -oE '[0-9.e+]+ states, stored' out 2>/dev/null | cut -d' ' -f1 | grep . || echo '?')"
  )
}

# label, expected errors, name, definitions
line() {
  read -r errors states < <(explore "$4")
  verdict=$1
  [ "$errors" = "$2" ] || { verdict='WRONG'; bad=1; }
  printf '%-9s errors %s  states %-9s %s%s\n' "$verdict" "$errors" "$states" "${3:+$3 }" "$4"
}

if [ "$chosen" = ' ' ]; then
  for definitions in \
    "-DWIN_E -DNW=1 -DNK=2 -DNOP=2 -DMAXW=2" \
    "-DWIN_C -DNW=1 -DNK=2 -DNOP=1 -DMAXW=3" \
    "-DWIN_F -DNW=1 -DNK=1 -DNOP=1 -DMAXW=2" \
    "-DARCHIVE -DWIN_D -DNW=1 -DNK=2 -DNOP=1 -DMAXREV=0 -DMAXW=3" \
    "-DREADER -DWIN_E -DNW=1 -DNK=1 -DMAXW=2 -DMAXPURGE=0"; do
    line holds 0 '' "$definitions"
  done
fi

harmless=' g_genNOEQ_B4 g_impl_B '
if [ $quick = 0 ]; then
  while IFS='|' read -r name definitions; do
    [ -n "$name" ] || continue
    [ "$chosen" = ' ' ] || [[ $chosen == *" $name "* ]] || continue
    if [[ $harmless == *" $name "* ]]; then line harmless 0 "$name" "$definitions"; else line found 1 "$name" "$definitions"; fi
  done <"$here/switches.txt"
fi
if [ $bad != 0 ]; then echo "NOT AS EXPECTED"
elif [ $quick = 1 ]; then echo "the design holds; the switches were not tried"
elif [ "$chosen" != ' ' ]; then echo "every chosen switch is told apart"
else echo "the design holds and every switch is told apart"
fi
exit $bad
