import { dataError, type DataLayerError } from "@stellaops/kernel";
import { access, constants, open, rm, stat } from "node:fs/promises";

/** What the operating system says of files; of sockets it says the same under the call `connect`. */
const ofFiles =
  /^E(?:NOENT|ACCES|EXIST|ISDIR|NOTDIR|PERM|ROFS|NOSPC|DQUOT|FBIG|MFILE|NFILE|NAMETOOLONG|LOOP|BUSY|IO|TXTBSY|NXIO)$/;
const ofWriting = /^E(?:EXIST|ROFS|NOSPC|DQUOT|FBIG|TXTBSY)$/;
const writes: ReadonlySet<unknown> = new Set(["write", "fsync", "ftruncate", "rename", "mkdir", "unlink", "rm"]);

/** An error of a file as one of ours, `FILE_UNREADABLE` or `FILE_UNWRITABLE` (data); null: it is none. */
export function fileError(error: unknown): DataLayerError | null {
  if (!(error instanceof Error && "code" in error && "syscall" in error)) return null;
  const { code, syscall } = error;
  if (typeof code !== "string" || !ofFiles.test(code) || syscall === "connect") return null;
  const path = "path" in error ? String(error.path) : "a file";
  return writes.has(syscall) || ofWriting.test(code) ? unwritable(path, error) : unreadable(path, error);
}

/** Asked before the work begins. @throws `FILE_UNREADABLE` (data) */
export async function mustBeReadable(path: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) throw new Error("it is a folder");
    await access(path, constants.R_OK);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * Asked before the work begins, so that what it takes long to find out has a place. Leaves no file where there was none, and touches
 * none that is there. @throws `FILE_UNWRITABLE` (data)
 */
export async function mustBeWritable(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  try {
    const there = await stat(path).catch(() => null);
    // A pipe that is opened and closed would end for its reader.
    if (there !== null && !there.isFile() && !there.isDirectory()) return;
    await (await open(path, there === null ? "wx" : "a")).close();
    if (there === null) await rm(path);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

const unreadable = (path: string, cause: unknown): DataLayerError =>
  dataError("FILE_UNREADABLE", `${path} cannot be read (${why(cause)}); give a file that is there and may be read`, {
    cause,
    details: { path },
  });

const unwritable = (path: string, cause: unknown): DataLayerError =>
  dataError(
    "FILE_UNWRITABLE",
    `${path} cannot be written (${why(cause)}); give a file in a folder that is there and may be written, with room left`,
    { cause, details: { path } },
  );

/** `ENOENT: no such file or directory, open '/nope'`: the path is told already. */
const why = (cause: unknown): string => (cause instanceof Error ? (cause.message.split(", ")[0] ?? "") : String(cause));
