/** Docker and Podman for tests: private ones, started for a test file and gone with it, with images made from nothing. */
import fs from "node:fs";
import process from "node:process";
import { missing, run, type Service, serviceFolder, startService } from "./service.ts";

/** The image with nothing but busybox. */
export const BUSYBOX = "runner-test/busybox";
/** The image that has Deno and its libraries, too. */
export const DENO = "runner-test/deno";

/** A private dockerd, which `docker` speaks to from now on. */
export function dockerService(): Service {
  const absent = missing(["docker", "dockerd", "busybox"], "docker.io busybox-static");
  if (absent !== undefined) return { absent };
  const { folder, said } = startService("docker", Deno.execPath());
  if (said !== undefined) return { absent: `dockerd does not start: ${said}` };
  const host = `unix://${folder}/docker.sock`;
  const before = process.env["DOCKER_HOST"];
  process.env["DOCKER_HOST"] = host;
  globalThis.addEventListener("unload", () => {
    if (before === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = before;
  });
  return { absent: undefined };
}

/** A Podman with a store of its own, with the image `BUSYBOX`; Docker's must have been started. */
export function podmanService(docker: Service): Service {
  const absent = docker.absent ?? missing(["podman", "runc"], "podman runc");
  if (absent !== undefined) return { absent };
  const folder = serviceFolder();
  const files = {
    CONTAINERS_CONF: `${folder}/containers.conf`,
    CONTAINERS_STORAGE_CONF: `${folder}/storage.conf`,
  };
  const limit = run("sh", "-c", "ulimit -Hn").said;
  // Podman asks for more open files than a container that tests run in may have.
  fs.writeFileSync(
    files.CONTAINERS_CONF,
    `[containers]\ndefault_ulimits=["nofile=${limit}:${limit}","nproc=32768:32768"]\n` +
      `[engine]\nruntime="runc"\ncgroup_manager="cgroupfs"\nevents_logger="file"\n`,
  );
  fs.writeFileSync(
    files.CONTAINERS_STORAGE_CONF,
    `[storage]\ndriver="overlay"\ngraphroot="${folder}/root"\nrunroot="${folder}/state"\n`,
  );
  Object.assign(process.env, files);
  globalThis.addEventListener("unload", () => {
    run("podman", "rm", "--all", "--force");
    for (const name of Object.keys(files)) delete process.env[name];
    run("umount", `${folder}/root/overlay`);
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const image = run("sh", "-c", `docker save ${BUSYBOX} | podman load --quiet`);
  if (!image.ok) return { absent: `podman does not work here: ${image.said}` };
  const tried = run("podman", "run", "--rm", "--network", "none", BUSYBOX, "true");
  return { absent: tried.ok ? undefined : `podman does not work here: ${tried.said}` };
}
