/** The rules of jobs in containers: `docker({ image })` and `podman({ image })`. Pure data, so that they can stand in settings. */
import type { AttachedOptions } from "../prefix/rule.ts";

/** How jobs are put into containers. */
export interface ContainerOptions extends AttachedOptions {
  /** The image, which must be on this machine already: `"python:3.12"`. Its digest is part of what results depend on. */
  readonly image: string;
  /**
   * Paths besides the working folder and the cache that a job sees, under the same path inside: `"/data"`, or `"/data:ro"` to read
   * only, or `"/data:/inside"`, `"/data:/inside:ro"`.
   */
  readonly mounts?: readonly string[];
  /** What `--network` is told: `"none"`, `"host"`; default whatever the engine does. */
  readonly network?: string;
  /** More words for `docker run`, each with `{fields}`: `["--shm-size", "1g"]`. They stand behind all others. */
  readonly args?: readonly string[];
  /** Variables that jobs get: names, whose values are those out here, or `NAME=value`. Nothing else of the environment gets in. */
  readonly env?: readonly string[];
  /** What `--gpus` is told when a task needs graphics processors; default their number (podman: all of them). */
  readonly gpus?: string;
  /** Who jobs are inside: `"1000:1000"`; default whoever runs this program, so that files have the same owner. */
  readonly user?: string;
  /**
   * The command in the image that starts runner. Without it the program that runs here is shown to the container, to read only:
   * its executable, its source files, and Deno's folder of downloaded modules (to write, too). A Deno or a runner that was made
   * for Debian's C library needs an image that has one: say `runner` for images that do not (Alpine), and for Macs and Windows.
   */
  readonly runner?: string | readonly string[];
}

/** Jobs run in containers of an image. */
export interface DockerRule extends ContainerOptions {
  /** The backend. */
  readonly backend: "docker" | "podman";
}

/**
 * Runs jobs in containers by Docker: as the same user, in the same folder, under the same paths, with the processors and the
 * memory that the task declares, and nothing left behind.
 */
export function docker(options: ContainerOptions): DockerRule {
  return { backend: "docker", ...options };
}

/** The same by Podman. */
export function podman(options: ContainerOptions): DockerRule {
  return { backend: "podman", ...options };
}
