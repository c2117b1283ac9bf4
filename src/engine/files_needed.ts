/** Most runs declare no files, so what deals with files is loaded when it is asked for. */

/** What is asked about files that are not loaded yet; to be asked again when they are. */
export class FilesNeeded extends Error {
  override readonly name = "FilesNeeded";
}
