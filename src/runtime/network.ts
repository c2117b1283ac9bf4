/**
 * File systems whose client answers from memory. Linux's NFS client remembers what a file is like for 3 to 60 seconds (`acregmin`
 * and `acregmax` in nfs(5)): what another machine has changed meanwhile looks as it was. Opening a file makes it ask the server
 * ("close-to-open consistency"). Local file systems, and those of clusters (Lustre, GPFS, Ceph), are always asked.
 */
import { fs } from "./fs.ts";

/** By device: whether files on it have to be opened before what is told of them is true. */
const known = new Map<number, boolean>();

/** Whether what is told of a file may be out of date until it is opened. */
export function isRemembered(device: number): boolean {
  let is = known.get(device);
  if (is === undefined) known.set(device, is = rememberedDevices(mounts()).has(device));
  return is;
}

/** Makes the client ask for a file; one that may not be read stays as it is remembered. */
export function askAnew(path: string): void {
  try {
    fs.closeSync(fs.openSync(path, "r"));
  } catch {
    // Whoever looks at it is told what is the matter.
  }
}

/** The devices of a text in the form of `/proc/self/mountinfo` (see proc(5)) whose files are answered for from memory. */
export function rememberedDevices(mountinfo: string): ReadonlySet<number> {
  const devices = new Set<number>();
  for (const line of mountinfo.split("\n")) {
    const match = /^\d+ \d+ (\d+):(\d+) .* - nfs4? \S+ (\S+)$/.exec(line);
    if (
      match === null || match[3]!.split(",").some((option) => /^(noac|actimeo=0|acregmax=0)$/.test(option))
    ) {
      continue;
    }
    devices.add(deviceOf(Number(match[1]), Number(match[2])));
  }
  return devices;
}

/** The number by which `stat` names a device of Linux (makedev(3)). */
function deviceOf(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 2 ** 8 + (minor & ~0xff) * 2 ** 12 + (major & ~0xfff) * 2 ** 32;
}

function mounts(): string {
  try {
    return fs.readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    // No Linux.
    return "";
  }
}
