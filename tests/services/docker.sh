#!/bin/bash
# Starts a private dockerd in a folder, without systemd, iptables or a bridge, with two images made from nothing:
# runner-test/busybox (a static busybox) and runner-test/deno (busybox, deno and its libraries).
# usage: docker.sh start|stop FOLDER      then: DOCKER_HOST=unix://FOLDER/docker.sock
# Needs root, and Debian's packages docker.io and busybox-static (docker-cli where it is a package of its own).
set -e
what=$1 folder=$2
export DOCKER_HOST=unix://$folder/docker.sock
up() { docker version >/dev/null 2>&1; }

tree() { # a root file system with busybox
  mkdir -p "$1"/{bin,etc,tmp,proc,sys,dev,usr/bin}
  chmod 1777 "$1/tmp"
  cp "$(command -v busybox)" "$1/bin/busybox"
  for tool in $("$1/bin/busybox" --list); do [ "$tool" = busybox ] || ln -s busybox "$1/bin/$tool"; done
  echo root:x:0:0:root:/:/bin/sh >"$1/etc/passwd"
  echo root:x:0: >"$1/etc/group"
}
libraries() { ldd "$1" | grep -oE '/[^ ]+' | sort -u; }
image() { tar -C "$folder/$1" -c . | docker import - "runner-test/$1" >/dev/null; rm -rf "${folder:?}/$1"; }

case $what in
start)
  mkdir -p "$folder"
  if ! up; then
    setsid dockerd --host "$DOCKER_HOST" --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/dockerd.pid" \
      --iptables=false --ip6tables=false --bridge=none --ip-forward=false --ip-masq=false --userland-proxy=false \
      >"$folder/dockerd.log" 2>&1 </dev/null &
    for _ in $(seq 300); do up && break; sleep 0.1; done
    up || { tail -n 5 "$folder/dockerd.log" >&2; exit 1; }
  fi
  tree "$folder/busybox"
  image busybox
  deno=$(readlink -f "${3:-$(command -v deno)}")
  tree "$folder/deno"
  cp "$deno" "$folder/deno/usr/bin/deno"
  libraries "$deno" | while read -r file; do
    mkdir -p "$folder/deno$(dirname "$file")"
    cp -L "$file" "$folder/deno$file"
  done
  image deno
  ;;
stop)
  pid=$(cat "$folder/dockerd.pid" 2>/dev/null) || pid=
  if [ -n "$pid" ]; then
    docker ps --all --quiet | xargs -r docker rm --force --volumes >/dev/null 2>&1 || true
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
  fi
  grep -oE " $folder/[^ ]+" /proc/mounts | sort -r | xargs -r umount 2>/dev/null || true
  rm -rf "${folder:?}"
  ;;
*) sed -n 2,6p "$0" >&2; exit 2 ;;
esac
