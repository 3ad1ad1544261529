#!/bin/sh
# Install the programs that tests and media need (with "ceph": also a Ceph to test against), only those that are missing, and say plainly what could not be had.
# Never fails by itself: tests of a missing program are skipped by name, or fail where AIRDATE_REQUIRE demands them.
set -u

missing=""
need() { # need PROGRAM PACKAGE
  command -v "$1" >/dev/null 2>&1 || case " $missing " in *" $2 "*) ;; *) missing="$missing $2" ;; esac
}
need chromium chromium
need newsboat newsboat
need podboat newsboat
need gpo gpodder
need mpd mpd
need ffmpeg ffmpeg
need espeak-ng espeak-ng
need java openjdk-17-jre-headless
# PostgreSQL's own programs lie beside the path
[ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || need initdb postgresql
# where an init system would start it on port 80, nobody asked for it
[ -d /run/systemd/system ] || need nginx nginx-light
[ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing="$missing fonts-dejavu-core"
if [ "${1-}" = ceph ]; then
  need ceph-mon ceph-mon
  need ceph-osd ceph-osd
  need ceph ceph-common
  need radosgw radosgw
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "missing here, and there is no apt-get to install them:$missing" >&2
  exit 0
fi
if [ "$(id -u)" = 0 ]; then as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo -n"
else
  echo "missing: please run  sudo apt-get install$missing" >&2
  exit 0
fi
echo "installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
options="-y -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120"
# shellcheck disable=SC2086  # words are meant to be split
$as_root apt-get update -qq >&2 || echo "apt-get update failed; trying with what is known" >&2
for package in $missing; do
  # shellcheck disable=SC2086
  $as_root apt-get install $options --no-install-recommends "$package" >/dev/null || echo "could not be installed: $package" >&2
done
exit 0
