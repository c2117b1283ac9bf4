# What the stand-ins for LSF's commands share. They imitate its command line, its messages and a job's environment, over Slurm;
# they are no LSF. LSF_TEST_DIR holds what `bjobs` knows of jobs that have ended.
dir=${LSF_TEST_DIR:?}
mkdir -p "$dir"
# slurm_id 12[3] -> 12_2: arrays count from 1 here, from 0 there
slurm_id() { if [[ $1 =~ ^([0-9]+)\[([0-9]+)\]$ ]]; then echo "${BASH_REMATCH[1]}_$((BASH_REMATCH[2] - 1))"; else echo "$1"; fi; }
