#!/bin/bash
# Starts a private sshd on loopback that takes one key, for the user who starts it.
# usage: sshd.sh start FOLDER PORT | sshd.sh stop FOLDER      then: ssh -F FOLDER/config h1 COMMAND
# h1 to h9 are this machine; nowhere is a host that does not answer. Needs root, and Debian's openssh-server and openssh-client.
set -e
what=$1 folder=$2 port=$3

case $what in
start)
  mkdir -p "$folder" /run/sshd
  chmod 700 "$folder"
  for key in host_key id; do ssh-keygen -q -t ed25519 -N '' -f "$folder/$key"; done
  cat >"$folder/sshd_config" <<END
ListenAddress 127.0.0.1
Port $port
HostKey $folder/host_key
PidFile $folder/sshd.pid
AuthorizedKeysFile $folder/id.pub
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 200
PrintMotd no
END
  cat >"$folder/config" <<END
Host h? nowhere
  HostName 127.0.0.1
  Port $port
  User $(id -un)
  IdentityFile $folder/id
  IdentitiesOnly yes
  UserKnownHostsFile $folder/known_hosts
  StrictHostKeyChecking accept-new
END
  # The first word that is found counts.
  printf 'Host nowhere\n  Port 1\n' | cat - "$folder/config" >"$folder/config.new"
  mv "$folder/config.new" "$folder/config"
  "$(command -v sshd || echo /usr/sbin/sshd)" -f "$folder/sshd_config" -E "$folder/sshd.log"
  for _ in $(seq 100); do ssh -F "$folder/config" -o BatchMode=yes h1 true 2>"$folder/error" && exit 0; sleep 0.1; done
  cat "$folder/error" "$folder/sshd.log" >&2
  exit 1
  ;;
stop)
  pid=$(cat "$folder/sshd.pid" 2>/dev/null) && kill "$pid"
  rm -rf "${folder:?}"
  ;;
*) sed -n 2,4p "$0" >&2; exit 2 ;;
esac
