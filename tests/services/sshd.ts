/** A private sshd for tests, which leads to this machine by several names. */
import { missing, type Service, startService } from "./service.ts";

/** An sshd, with what clients need for it. */
export interface SshdService extends Service {
  /** The file for `ssh -F`. */
  readonly config: string;
  /** Its folder. */
  readonly folder: string;
}

/** Starts it. */
export function sshdService(): SshdService {
  const absent = missing(["ssh", "ssh-keygen", "sshd"], "openssh-server openssh-client");
  if (absent !== undefined) return { absent, config: "", folder: "" };
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const { folder, said } = startService("sshd", String(port));
  return {
    absent: said === undefined ? undefined : `sshd does not start: ${said}`,
    config: `${folder}/config`,
    folder,
  };
}
