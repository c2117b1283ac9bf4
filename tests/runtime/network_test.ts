/** File systems whose client answers from memory. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { isRemembered, rememberedDevices } from "../../src/runtime/network.ts";

const line = (device: string, type: string, options: string, optional = "shared:5") =>
  `36 35 ${device} / /a\\040b - c rw,relatime ${optional} - ${type} server:/data ${options}`;

Deno.test("NFS answers from memory, unless it is mounted so that it does not", () => {
  const text = [
    line("0:48", "nfs4", "rw,vers=4.2,acregmin=3"),
    line("0:49", "nfs", "rw,vers=3", ""),
    line("0:50", "nfs4", "rw,noac"),
    line("0:51", "nfs4", "rw,actimeo=0,hard"),
    line("254:1", "ext4", "rw"),
    line("0:52", "tmpfs", "rw,size=5k"),
    line("0:53", "nfsd", "rw"),
    line("0:300", "nfs4", "rw"),
    "",
  ].join("\n");
  assertEquals([...rememberedDevices(text)], [48, 49, (300 & 0xff) + 2 ** 20]);
  assertEquals([...rememberedDevices("")], []);
});

Deno.test({
  name: "devices are told as stat tells them",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    for (const path of ["/", "/proc"]) {
      const own = fs.readFileSync("/proc/self/mountinfo", "utf8").split("\n")
        .filter((mount) => mount.split(" ")[4] === path).at(-1)!;
      const asNfs = own.replace(/ - \S+ (\S+) \S+$/, " - nfs4 $1 rw");
      assertEquals([...rememberedDevices(asNfs)], [fs.statSync(path).dev], own);
      assertEquals(isRemembered(fs.statSync(path).dev), false);
    }
  },
});
