#!/usr/bin/env bash
# A private Slurm on loopback for tests: two nodes on this host, without systemd, control groups or a password.
# usage: slurm.sh start|stop <folder> [port]; then: export SLURM_CONF=<folder>/slurm.conf
# Needs root and the Debian packages slurmctld, slurmd and slurm-client.
set -euo pipefail
act=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
port=${3:-18817}
host=$(hostname -s)
export SLURM_CONF="$dir/slurm.conf"

ends() { [[ ! -s $1 ]] || ! kill -0 "$(head -n 1 "$1")" 2>/dev/null; }

if [[ $act == stop ]]; then
  scancel --quiet --user="$(id -un)" 2>/dev/null || true
  # Without the daemons, what watches over a job would wait for them for ever.
  for _ in $(seq 100); do [[ -z $(timeout 3 squeue --noheader 2>/dev/null) ]] && break; sleep 0.05; done
  for pid in "$dir"/*.pid; do
    [[ -s $pid ]] && kill "$(head -n 1 "$pid")" 2>/dev/null || true
  done
  for pid in "$dir"/*.pid; do
    for _ in $(seq 100); do ends "$pid" && break; sleep 0.05; done
    ends "$pid" || kill -KILL "$(head -n 1 "$pid")" 2>/dev/null || true
  done
  exit 0
fi

mkdir -p "$dir"/{state,spool,log}
cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmctldPidFile=$dir/slurmctld.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdPidFile=$dir/slurmd-%n.pid
SlurmdLogFile=$dir/log/slurmd-%n.log
SlurmdSpoolDir=$dir/spool/%n
StateSaveLocation=$dir/state
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SlurmdParameters=config_overrides
KillWait=2
MinJobAge=300
SlurmctldTimeout=30
SlurmdTimeout=30
MaxArraySize=10001
MaxJobCount=20000
GresTypes=gpu
NodeName=n[1-2] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 2))] CPUs=2 RealMemory=4000 Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
CONF
for gpu in 0 1; do [[ -e $dir/gpu$gpu ]] || mknod "$dir/gpu$gpu" c 1 3; done
printf 'NodeName=n[1-2] Name=gpu File=%s/gpu[0-1]\n' "$dir" >"$dir/gres.conf"
slurmctld -f "$SLURM_CONF" -i
for node in n1 n2; do
  mkdir -p "$dir/spool/$node"
  slurmd -N "$node" -f "$SLURM_CONF"
done
for _ in $(seq 30); do
  timeout 3 srun --quiet --nodes=2 true 2>/dev/null && exit 0
  # A daemon whose port was taken is gone by now.
  for name in slurmctld slurmd-n1 slurmd-n2; do
    if [[ -s $dir/$name.pid ]] && ! kill -0 "$(head -n 1 "$dir/$name.pid")" 2>/dev/null; then break 2; fi
  done
  sleep 0.25
done
tail -n 5 "$dir"/log/*.log >&2
exit 1
